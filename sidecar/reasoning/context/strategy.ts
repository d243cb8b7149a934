import type { PromptThought } from './promptThought.ts';
import type { Budget } from '../../../protocol/budget.ts';
import type { ReasoningOptions, UserChoices } from '../../../protocol/reasoningOptions.ts';
import type { StrategyId } from '../../../protocol/strategyTable.ts';
import type {
  CandidateId,
  DifficultyClass,
  SamplerSettings,
  SearchEvent,
  SelectorId,
  StopReason,
} from '../../../protocol/traceEvent.ts';
import type { TokenId } from '../../engine/engine.ts';
import type { PromptStyle } from '../../prompts/chatPrompt.ts';
import type { WrittenPart } from '../../prompts/repairPrompt.ts';
import type { FastModelAccess } from '../../request/fastModelAccess.ts';
import type { PromptObserver } from '../../request/readPrompt.ts';
import type { CandidateRun } from '../candidates/candidateRun.ts';
import type { ChosenStrategy } from '../difficulty/autoTable.ts';
import type { SubjectJudge } from '../difficulty/judgeBySubject.ts';
import type { RememberedChoice } from '../memory/rememberedChoice.ts';
import type { ValueReader } from '../value/valueReader.ts';
import type { SelectionContext, Selector } from '../selection/selector.ts';

/**
 * Explores candidates for one request. Its events are its only output and it spends only through `context.meter`, so
 * whatever it does can be shown, replayed and accounted for. Returns why it stopped; cancellation is a reason.
 */
export interface Strategy {
  readonly id: StrategyId;
  /**
   * How the question is put. `bySubject`: directly where it is about code, asks for some, or leaves nothing to compute, since
   * no marked answer is wanted there.
   */
  readonly promptStyle: PromptStyle | 'bySubject';
  /** For requests that fix none. */
  readonly temperature: number;
  /** Decides where the user chose no selector; that of the settings where it is absent. */
  readonly selector?: SelectorId;
  /**
   * Whether its first candidate may have been opened before the strategy was chosen, as a greedy thought from the same
   * prompt. Others begin at the prompt.
   */
  readonly continuesProbePrefix: boolean;
  run(context: StrategyContext, signal: AbortSignal): AsyncGenerator<SearchEvent, StopReason, void>;
}

export interface StrategyContext extends SelectionContext {
  /** What a candidate writes, which a repair is asked for anew; a program when absent. */
  readonly written?: WrittenPart;
  /** Whether an answer has all that is wanted of it, asked at the end of each of its lines. */
  readonly isEnough?: (answer: string) => boolean;
  /** The rendered prompt, ending where the assistant's turn begins. */
  readonly promptTokens: readonly TokenId[];
  readonly promptStyle: PromptStyle;
  readonly thought: PromptThought;
  readonly candidateCount: number;
  readonly sampler: SamplerSettings;
  /** Decides among the candidates. */
  readonly selector: Selector;
  readonly options: ReasoningOptions;
  readonly difficulty: DifficultyContext;
  /** Where the difficulty decides nothing, it is noted all the same; null where the strategy asks for it. */
  readonly promptObserver: PromptObserver | null;
  /** Chooses by what worked on questions of this kind, null where there is no choice; null where it is switched off. */
  readonly memory:
    | ((
        difficulty: DifficultyClass,
        byTable: ChosenStrategy,
      ) => Promise<RememberedChoice<ChosenStrategy> | null>)
    | null;
  /** A lossy model for what the user calls easy, or what it was measured to pay for; null where there is none. */
  readonly fast: FastModelAccess | null;
  /** Reads how likely candidates from the prompt are right; null where no head of the model is asked. */
  readonly values: ValueReader | null;
  /** The first candidate, over the prompt and perhaps opened, where it is there already; its owner disposes it. */
  readonly firstCandidate: CandidateRun | null;
  /** Number of the first candidate that the strategy opens; those before it were given up. */
  readonly firstCandidateId: CandidateId;
}

/** What a strategy needs to let difficulty decide, and what the user has decided already. */
export interface DifficultyContext extends SubjectJudge {
  /** Takes the estimator's place. */
  readonly override: DifficultyClass | null;
  /** The budget that a class takes its share of. */
  readonly fullBudget: Budget;
  /** What the user fixed of it; no class changes that. */
  readonly fixed: UserChoices;
}
