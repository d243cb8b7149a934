/** What a scripted model is to answer. */
export interface SaidAnswer {
  /** The first candidate's, then those of the others; they begin again where there are more candidates. */
  readonly answers: readonly string[];
  /** `held`: it begins to write only once the test lets it. `slow`: it writes as fast as a small model. */
  readonly pace: Pace;
}

type Pace = 'said' | 'held' | 'slow';

/** A problem's message that has the answers in it, so that a prompt says what its answer is. Pure. */
export function problemSaying(
  answer: string | readonly string[],
  { pace = 'said' }: { readonly pace?: Pace } = {},
): string {
  const answers = typeof answer === 'string' ? [answer] : answer;
  const texts = answers.map((text) => Buffer.from(text, 'utf8').toString('base64'));
  return `${pace}:${texts.join('|')}.`;
}

/** The answers that a prompt asks for; an empty one where it asks for none. Pure. */
export function answerSaid(prompt: string): SaidAnswer {
  const last = [...prompt.matchAll(/\b(said|held|slow):([\w+/=|]*)\./g)].at(-1);
  const texts = (last?.[2] ?? '').split('|');
  return {
    answers: texts.map((text) => Buffer.from(text, 'base64').toString('utf8')),
    pace: (last?.[1] ?? 'said') as Pace,
  };
}
