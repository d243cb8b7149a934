import type { ChatMessage, Sequence } from '../../engine/engine.ts';
import { allThinkingMarkers } from '../../../protocol/thinkingTable.ts';
import { answerMarkerSpellings, fenced, judgedQuestion } from '../../prompts/chatPrompt.ts';
import type { RunScope } from '../../request/eventChannel.ts';
import type { SelectionContext } from '../selection/selector.ts';
import { writeVerification } from '../selection/verificationText.ts';

/** What the critic writes at most: a number and the end. */
const verdictTokens = 6;
/** Steps that it is shown at most, the first ones: an error after them is not looked for. */
const mostShownSteps = 40;

export type Criticism =
  /** Index of the first step that is wrong, of so many that were read; null where all are right. */
  | { readonly firstWrong: number | null; readonly readCount: number; readonly stopped: null }
  /** Why there is none, as a clause. */
  | { readonly firstWrong: null; readonly readCount: 0; readonly stopped: string };

/**
 * Asks the model which step of a thought is the first wrong one (GM-PRM, arXiv 2508.04088, whose critic is a trained
 * model). `host` is a sequence of the thought: the critic reads in a fork of it, so that no place for a further sequence
 * is waited for while others are held.
 */
export async function findFirstError(
  context: SelectionContext,
  thought: { readonly steps: readonly string[]; readonly host: Sequence },
  scope: RunScope,
): Promise<Criticism> {
  const steps = thought.steps.filter(isNoMarker).slice(0, mostShownSteps);
  if (steps.length === 0) return { firstWrong: null, readCount: 0, stopped: null };
  const question = judgedQuestion(context.question, context.fittedContext);
  const { text, stopped } = await writeVerification(context, criticMessages(question, steps), {
    rules: { constraint: { choices: stepNumbers(steps.length) }, maxTokens: verdictTokens, alternatives: 0 },
    host: thought.host,
    scope,
  });
  if (stopped !== null) return { firstWrong: null, readCount: 0, stopped };
  const number = parseStepNumber(text, steps.length);
  if (number === null) return { firstWrong: null, readCount: 0, stopped: 'its verdict cannot be read' };
  return { firstWrong: number === 0 ? null : number - 1, readCount: steps.length, stopped: null };
}

function isNoMarker(step: string): boolean {
  const markers = [...answerMarkerSpellings, ...allThinkingMarkers.map(({ close }) => close)];
  return !markers.includes(step.trim());
}

/** Asks which of these steps, counted from 1, is the first wrong one. */
export function criticMessages(question: string, steps: readonly string[]): readonly ChatMessage[] {
  const numbered = steps
    .map((step, index) => `${index + 1}. ${step.trim().replaceAll('\n', ' ')}`)
    .join('\n');
  const parts = [
    `Question:\n${fenced(question, '')}`,
    `Steps of a solution:\n${fenced(numbered, '')}`,
    'Check the steps in their order against the question. Which is the first wrong one? Reply with nothing but its ' +
      'number, or with 0 where every step is right.',
  ];
  return [
    {
      role: 'system',
      content: 'You check the steps of solutions. Be strict, and look at each step by itself.',
    },
    { role: 'user', content: parts.join('\n\n') },
  ];
}

/** The numbers from 0 to the last step's. */
function stepNumbers(stepCount: number): readonly string[] {
  return Array.from({ length: stepCount + 1 }, (_, number) => String(number));
}

/** A number from 0 to the last step's, or null for any other text. Pure. */
export function parseStepNumber(text: string, stepCount: number): number | null {
  const trimmed = text.trim();
  if (!/^\d{1,3}$/u.test(trimmed)) return null;
  const number = Number(trimmed);
  return number <= stepCount ? number : null;
}
