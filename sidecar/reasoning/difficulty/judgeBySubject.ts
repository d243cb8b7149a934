import { isDeepStrictEqual } from 'node:util';
import type { Attachment } from '../../../protocol/attachment.ts';
import type { ClassOffer, DifficultyClass } from '../../../protocol/traceEvent.ts';
import type { PromptStyle, Turn } from '../../prompts/chatPrompt.ts';
import { asksForCode } from '../../prompts/codeRequest.ts';
import { hasNothingToCompute } from '../../prompts/nothingToCompute.ts';
import { type DifficultyEstimator, judgeOf, settled } from '../../request/difficultyEstimator.ts';
import {
  type AutoTable,
  type ClassProfiles,
  codeProfiles,
  overrideProfiles,
  profilesFor,
  standInsFor,
} from './autoTable.ts';
import { codeRequestRule, codeRule } from './codeRule.ts';
import { codeSignals } from './codeSignals.ts';
import type { StandIn } from '../../request/standIn.ts';
import { offersFor, profilesByUser } from './userClass.ts';

/** How a question is judged, and what follows. */
export interface SubjectJudge {
  readonly estimator: DifficultyEstimator;
  /** What each class leads to. */
  readonly profiles: ClassProfiles;
  /** How `auto` puts the question. */
  readonly promptStyle: PromptStyle;
  /** Why it is put directly, in one sentence; null where the judgement says so, or where it is not. */
  readonly whyDirect: string | null;
  /** Whether classes that are judged lead to different things. */
  readonly isAdaptive: boolean;
  /** What the user may set the class to; empty where that changes nothing. */
  readonly offers: readonly ClassOffer[];
  /** Models that may answer in the place of the one that serves. */
  readonly standIns: readonly StandIn[];
}

/**
 * Who judges a question, and what its classes lead to. The model's own estimator and row are fitted to questions that end
 * in an answer; those about code, or asking for some, have theirs, whatever the model. One that leaves nothing to compute is
 * answered directly, unless the user has set its class. Pure.
 */
export function judgeBySubject(
  {
    question,
    attachment,
    difficulty: override,
    turns = [],
  }: {
    readonly question: string;
    readonly attachment: Attachment | null;
    /** Earlier turns of its conversation; none when absent. */
    readonly turns?: readonly Turn[];
    /** Set by the user; null where it is to be judged. */
    readonly difficulty: DifficultyClass | null;
  },
  options: {
    readonly estimator: DifficultyEstimator;
    /** The first that says something counts. */
    readonly tables: readonly AutoTable[];
    readonly modelHash: string;
  },
): SubjectJudge {
  const { estimator, tables, modelHash } = options;
  if (attachment !== null || asksForCode(question)) return codeJudge(question, attachment, tables);
  const row = profilesFor(tables, modelHash, judgeOf(estimator));
  const common = { whyDirect: null, isAdaptive: areDifferent(row), offers: offersFor(row, modelHash) };
  if (override !== null) {
    const profiles = profilesByUser(row);
    const promptStyle = profiles[override].strategy === 'direct' ? 'direct' : 'stepByStep';
    return { ...common, estimator, profiles, promptStyle, standIns: [] };
  }
  const direct = hasNothingToCompute(question)
    ? nothingToCompute
    : followsDirectly(question, turns)
      ? followUp
      : null;
  if (direct !== null) {
    const { easy } = overrideProfiles;
    const profiles = { easy, normal: easy, hard: easy };
    return { ...common, estimator: direct, profiles, promptStyle: 'direct', standIns: [] };
  }
  const standIns = standInsFor(tables, modelHash);
  return { ...common, estimator, profiles: row, promptStyle: 'stepByStep', standIns };
}

function codeJudge(
  question: string,
  attachment: Attachment | null,
  tables: readonly AutoTable[],
): SubjectJudge {
  const reason = attachment === null ? 'It asks for code' : 'Code is attached';
  const profiles = codeProfiles(tables);
  return {
    estimator: attachment === null ? codeRequestRule(question) : codeRule(codeSignals(attachment)),
    profiles,
    promptStyle: 'direct',
    whyDirect: `${reason}, so it is answered as one would write it.`,
    isAdaptive: areDifferent(profiles),
    offers: [],
    standIns: [],
  };
}

const nothingToCompute = settled({
  difficulty: 'easy',
  source: 'nothingToCompute',
  probabilities: null,
  meanEntropyNats: null,
  features: {},
  why: 'It asks for an explanation, names or a text, and none of its words hint at something to compute.',
});

const followUp = settled({
  difficulty: 'easy',
  source: 'nothingToCompute',
  probabilities: null,
  meanEntropyNats: null,
  features: {},
  why: 'It follows on an answer that was written directly, and has no number in it to compute with.',
});

/** Whether a question goes on with a conversation in which answers are written as one would write them. */
function followsDirectly(question: string, turns: readonly Turn[]): boolean {
  return turns.at(-1)?.style === 'direct' && !/\d/u.test(question);
}

function areDifferent({ easy, normal, hard }: ClassProfiles): boolean {
  return !isDeepStrictEqual(easy, normal) || !isDeepStrictEqual(normal, hard);
}
