/**
 * How a scripted model writes. `said`: at once. `held`: it begins only once the test lets it. `slow`: as fast as a small model on a
 * processor.
 */
const paces = ['said', 'held', 'slow'] as const;
type Pace = (typeof paces)[number];

/** What a scripted model is to answer. */
export interface SaidAnswer {
  /** The first candidate's, then those of the others; they begin again where there are more candidates. */
  readonly answers: readonly string[];
  readonly pace: Pace;
}

/** A text that has the answers in it, so that a prompt with it says what its answer is: a problem's message, a question, a comment. Pure. */
export function textSaying(
  answer: string | readonly string[],
  { pace = 'said' }: { readonly pace?: Pace } = {},
): string {
  const answers = typeof answer === 'string' ? [answer] : answer;
  const texts = answers.map((text) => Buffer.from(text, 'utf8').toString('base64'));
  return `${pace}:${texts.join('|')}.`;
}

/** The answers that a prompt asks for; an empty one where it asks for none. Pure. */
export function answerSaid(prompt: string): SaidAnswer {
  const [, word, said = ''] = [...prompt.matchAll(/\b(said|held|slow):([\w+/=|]*)\./g)].at(-1) ?? [];
  return {
    answers: said.split('|').map((text) => Buffer.from(text, 'base64').toString('utf8')),
    pace: paces.find((pace) => pace === word) ?? 'said',
  };
}
