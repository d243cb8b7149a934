import type { Purpose } from './budget.ts';
import type { Confinement, StopReason } from './traceEvent.ts';

/** A word for the screen and the sentence behind it. */
export interface Wording {
  readonly name: string;
  readonly meaning: string;
}

/** What tokens are spent on, wherever a person reads it: panel, command line and editor. */
export const purposeWords: Readonly<Record<Purpose, Wording>> = {
  prompt: { name: 'Prompt', meaning: 'Tokens of the question and its surroundings.' },
  thought: { name: 'Thought', meaning: 'Reasoning of the candidates that were kept.' },
  answer: { name: 'Answer', meaning: 'Answers of the candidates that were kept.' },
  discardedCandidate: { name: 'Discarded', meaning: 'Tokens of candidates whose answer was not used.' },
  rejectedDraft: { name: 'Rejected drafts', meaning: 'Drafted tokens that the model did not confirm.' },
  verification: { name: 'Verification', meaning: 'Tokens that judged candidates and belong to none.' },
  trialAnswer: {
    name: 'Trial answers',
    meaning: 'Answers given on trial, to see whether a thought can end; no part of any candidate.',
  },
};

/** How a request ended. */
export const stopReasonWords: Readonly<Record<StopReason, Wording>> = {
  answered: { name: 'Answered', meaning: 'The request ran to its end.' },
  budgetExhausted: {
    name: 'Budget spent',
    meaning: 'The budget ran out; an answer, where there is one, is the best so far.',
  },
  stoppedByUser: { name: 'Stopped', meaning: 'You stopped the request.' },
  cancelled: { name: 'Cancelled', meaning: 'The request was cancelled.' },
};

/** What kept a test command apart from the machine; absent in logs of versions that confined none. Pure. */
export function confinementWords(confinement: Confinement | undefined): Wording {
  if (confinement === undefined || confinement.kind === 'none') {
    const why = confinement === undefined ? 'This version confined no command.' : confinement.why;
    return {
      name: 'not confined',
      meaning: `The command could read your files and reach the network. ${why}`,
    };
  }
  const tool = confinement.kind === 'bubblewrap' ? 'bubblewrap' : 'sandbox-exec';
  return {
    name: 'confined',
    meaning: `The command had no network and not your home, and could write only into its copy of the workspace (${tool}).`,
  };
}
