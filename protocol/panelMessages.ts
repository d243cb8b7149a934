import type { DifficultyChoice, SteerParams, TraceSummary } from './messages.ts';
import type { Health } from './health.ts';
import type { DifficultyClass, RequestId, TraceEvent } from './traceEvent.ts';

/**
 * Extension host to trace panel. The panel holds no truth: it asks with `panel/ready` and gets a snapshot, then
 * appends. Events carry their `seq`, so one that arrives twice is dropped and a gap is asked for again.
 */
export type HostToPanel =
  | {
      readonly type: 'trace/snapshot';
      readonly requestId: RequestId | null;
      readonly events: readonly TraceEvent[];
      /** Whether the host knows how the question was asked, so that `question/askedAgain` can be answered. */
      readonly canAskAgain?: boolean;
    }
  | { readonly type: 'trace/append'; readonly requestId: RequestId; readonly events: readonly TraceEvent[] }
  | { readonly type: 'traces/listed'; readonly traces: readonly TraceSummary[] }
  | { readonly type: 'health/changed'; readonly health: Health }
  /** The setting: how hard questions from now on are taken to be. Null where another setting chooses the strategy. */
  | { readonly type: 'difficulty/changed'; readonly choice: DifficultyChoice | null }
  | ({ readonly type: 'context/changed' } & OfferedContext)
  /** The question or instruction of the panel's box is being answered: until then its words stay in the box. */
  | { readonly type: 'question/accepted'; readonly question: string }
  /** Files of the workspace whose paths fit what was typed, best first. */
  | { readonly type: 'files/found'; readonly query: string; readonly paths: readonly string[] };

/** What goes along with the words of the panel's box, and what they could change. */
export interface OfferedContext {
  /** Of a question. */
  readonly chips: readonly ContextChip[];
  /** Null where no file is open that can be edited. */
  readonly edit: EditOffer | null;
}

/** What an edit that is asked in the panel may change. */
export interface EditOffer {
  /** In words, such as `lines 3 to 12 of app.ts`. */
  readonly place: string;
  readonly chips: readonly ContextChip[];
}

/** Something that goes along with the next question, or could. */
export interface ContextChip {
  readonly id: string;
  readonly kind: 'selection' | 'file' | 'problems';
  /** Short, such as `app.ts:3-12`. */
  readonly label: string;
  /** The whole of it, in words. */
  readonly title: string;
  /** False for what is only offered. */
  readonly isGiven: boolean;
}

/** Trace panel to extension host. */
export type PanelToHost =
  | { readonly type: 'panel/ready' }
  | { readonly type: 'trace/resend'; readonly requestId: RequestId }
  | { readonly type: 'trace/open'; readonly requestId: RequestId }
  | { readonly type: 'trace/export'; readonly requestId: RequestId }
  | { readonly type: 'request/steer'; readonly steer: SteerParams }
  /** With what the chips say goes along; `follows` is the question whose conversation goes on, null for a new one. */
  | { readonly type: 'question/asked'; readonly question: string; readonly follows: RequestId | null }
  /** To be changed in the editor that was used last, with what the chips of an edit say goes along. */
  | { readonly type: 'edit/asked'; readonly instruction: string }
  | { readonly type: 'context/given'; readonly id: ContextChip['id'] }
  | { readonly type: 'context/removed'; readonly id: ContextChip['id'] }
  /** A file of the workspace, by a path that was found. */
  | { readonly type: 'context/added'; readonly path: string }
  | { readonly type: 'files/sought'; readonly query: string }
  /** The question of a trace once more, with the same code, taken for this class whatever it would be measured as. */
  | {
      readonly type: 'question/askedAgain';
      readonly requestId: RequestId;
      readonly difficulty: DifficultyClass;
    }
  | { readonly type: 'difficulty/chosen'; readonly choice: DifficultyChoice }
  | { readonly type: 'code/copied'; readonly code: string }
  /** At the cursor of the editor that was used last. */
  | { readonly type: 'code/inserted'; readonly code: string }
  /** Of the answer to this question: in the place of what is selected there, else of the code that it was about. */
  | { readonly type: 'code/applied'; readonly requestId: RequestId; readonly code: string };
