import type { CodeReading } from '../../protocol/codeReading.ts';
import { counted } from '../../protocol/counted.ts';
import type {
  DecisionKind,
  DifficultyClass,
  DifficultyFeatures,
  DifficultySource,
  FixedChoice,
  TokenSource,
  TraceEvent,
  VerificationOutcome,
} from '../../protocol/traceEvent.ts';
import type { CandidateStatus } from '../../protocol/traceState.ts';
import type { Wording } from '../../protocol/traceWords.ts';

/** Who made a judgement, and with what. */
type JudgedBy = Pick<
  Extract<TraceEvent, { readonly type: 'difficulty/decided' }>,
  'source' | 'probabilities' | 'beatsConstant'
>;

export const statusWords: Readonly<Record<CandidateStatus, Wording>> = {
  running: { name: 'running', meaning: 'Still being generated.' },
  won: { name: 'won', meaning: 'Its answer was selected.' },
  lost: { name: 'lost', meaning: 'It finished, and another answer was selected.' },
  finished: { name: 'finished', meaning: 'The model ended it by itself; no answer is selected yet.' },
  pruned: {
    name: 'pruned',
    meaning: 'Stopped early: it could no longer win, or the model was not sure enough of it.',
  },
  truncated: { name: 'truncated', meaning: 'It hit its token cap before it ended.' },
  stopped: { name: 'stopped', meaning: 'Stopped by you, or by cancellation.' },
};

export const decisionWords: Readonly<Record<DecisionKind, string>> = {
  thoughtClosedAtCap: 'Thought closed at its cap',
  thoughtClosedByTrial: 'Thought closed: sure of its answer',
  thoughtClosedSteady: 'Thought closed: it kept its answer',
  thoughtClosedForTime: 'Thought closed: time is short',
  budgetExhausted: 'Budget used up',
  dailyBudgetSpent: "Today's budget used up",
  engineLacks: 'Done otherwise here',
  hopelessByValue: 'More would hardly help',
  answeredDirectly: 'Answered without a thought',
  answersChecked: 'Answers checked first',
  answerNow: 'Asked to answer now',
  thinkMore: 'Given more to think',
  stoppedByUser: 'Stopped by you',
  candidatePruned: 'Candidate pruned',
  codeNotParsed: 'Code not parsed',
  candidatesLeftOut: 'Candidates left out',
  candidatesWait: 'Candidates wait',
  consensusReached: 'Consensus reached',
  confidenceFloorSet: 'Floor for confidence set',
  completionTrimmed: 'Completion trimmed',
  contextLeftOut: 'Left out of the prompt',
  contextShifted: 'Context shifted',
  modelRouted: 'Model chosen',
  noAgreement: 'No two answers agree',
  noStepDoubted: 'No step looks wrong',
  repairBegun: 'Repair begun',
  repairLeftOut: 'Not repaired',
  selectionFellBack: 'Left to the majority',
  settledByValue: 'Sure enough of the answer',
  searchEnded: 'Search ended',
  serverAway: 'Answered on this machine: server away',
  serverChosen: 'Server chosen',
  serverReplaced: 'Another server took over',
  startNotWritten: 'Text before the cursor not written',
  stepDoubted: 'Step looks wrong',
  strategyRemembered: 'Strategy drawn from memory',
  testPassed: 'Test passed',
  testPassesWithout: 'Test passes without a change',
};

export const difficultyWords: Readonly<Record<DifficultyClass, string>> = {
  easy: 'Easy',
  normal: 'Normal',
  hard: 'Hard',
};

const wordingBySource: Readonly<Record<DifficultySource, Wording>> = {
  probe: { name: 'probe', meaning: 'Read from the prompt by a probe trained for this model.' },
  entropyRule: {
    name: 'entropy rule, uncalibrated',
    meaning: 'Judged from the entropy of the first tokens; no probe for this model is installed.',
  },
  codeSignals: {
    name: 'code, uncalibrated',
    meaning: 'Judged from the attached code: its language, length, branches and diagnostics.',
  },
  codeRequest: {
    name: 'request for code, uncalibrated',
    meaning: 'Judged from the words that ask for code: their lines and conditions.',
  },
  nothingToCompute: {
    name: 'nothing to compute',
    meaning:
      'Judged from its words: none hints at something to compute, or it follows on an answer that was written directly. So no model was asked how hard it is.',
  },
  override: { name: 'set by you', meaning: 'The request named its difficulty.' },
};

/** Who judged, in words; a probe that was not shown to beat a constant says so. Pure. */
export function difficultySourceWording({ source, beatsConstant }: JudgedBy): Wording {
  if (beatsConstant !== false) return wordingBySource[source];
  return {
    name: 'probe, not shown to beat a constant',
    meaning:
      'Read from the prompt by a probe. On questions that it was not fitted to, it was not shown to predict better than how ' +
      'common each class is.',
  };
}

/** Class probabilities worth showing: none of a probe that was not shown to beat a constant. Pure. */
export function shownProbabilities({ probabilities, beatsConstant }: JudgedBy): JudgedBy['probabilities'] {
  return beatsConstant === false ? null : probabilities;
}

/** What a parser said of code. */
export function parsingWords({ errorCount, firstError }: CodeReading): string {
  if (firstError === null) return 'parses';
  const errors = counted(errorCount, 'syntax error');
  return `${errors} from line ${firstError.line}, column ${firstError.column}`;
}

export const verificationWords: Readonly<Record<VerificationOutcome, Wording>> = {
  passed: { name: 'passed', meaning: 'The command ended well.' },
  failed: { name: 'failed', meaning: 'The command ended with an exit code that is not 0.' },
  timedOut: { name: 'out of time', meaning: 'It was killed when its time was over.' },
  memoryExceeded: { name: 'out of memory', meaning: 'It was killed because it took too much memory.' },
  outputExceeded: { name: 'too much output', meaning: 'It was killed because it wrote too much.' },
  diskExceeded: { name: 'too many files', meaning: 'It was killed because its files took too much room.' },
  processesExceeded: { name: 'too many processes', meaning: 'It was killed because it started too many.' },
  notStarted: { name: 'not started', meaning: 'It could not be run on this code.' },
  cancelled: { name: 'cancelled', meaning: 'It was killed with the request.' },
};

export const sourceWords: Readonly<Record<TokenSource, string>> = {
  model: 'plain decoding',
  required: 'given: the text had to begin so',
  trie: 'draft from earlier text',
  draftModel: 'draft by a smaller model',
  layerSkip: 'draft with blocks left out',
};

export const fixedChoiceWords: Readonly<Record<FixedChoice, string>> = {
  difficulty: 'difficulty',
  strategy: 'strategy',
  temperature: 'temperature',
  budget: 'budget',
  selector: 'selector',
  stepSearch: 'bounds of the search over steps',
  earlyStopping: 'early stopping',
  skipPreamble: 'how thoughts begin',
  repair: 'repair of programs',
  think: 'how much the model thinks',
};

/** What a feature counts, by its name: words for so many of it. */
const featureTexts: Readonly<Record<string, (value: number) => string>> = {
  lineCount: (value) => counted(value, 'line'),
  complexity: (value) => `${value} of complexity`,
  diagnosticCount: (value) => counted(value, 'diagnostic'),
  points: (value) => counted(value, 'point'),
  openingTokenCount: (value) => counted(value, 'token'),
  stateSize: (value) => `${counted(value, 'value')} of the last layer`,
};

/** What a judge of difficulty read, in words: `lineCount` 12 becomes "12 lines", and a name stays as it is. Pure. */
export function featureWords(features: DifficultyFeatures): string {
  return Object.entries(features)
    .map(([name, value]) => {
      const text = featureTexts[name];
      return text === undefined || typeof value === 'string' ? String(value) : text(value);
    })
    .join(', ');
}
