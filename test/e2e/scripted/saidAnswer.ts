/** What a scripted model is to answer. */
export interface SaidAnswer {
  /** The first candidate's, then those of the others; they begin again where there are more candidates. */
  readonly answers: readonly string[];
  /** Whether it begins to write only once the test lets it. */
  readonly isHeld: boolean;
}

/** A problem's message that has the answers in it, so that a prompt says what its answer is. Pure. */
export function problemSaying(
  answer: string | readonly string[],
  { isHeld = false }: { readonly isHeld?: boolean } = {},
): string {
  const answers = typeof answer === 'string' ? [answer] : answer;
  const texts = answers.map((text) => Buffer.from(text, 'utf8').toString('base64'));
  return `${isHeld ? 'held' : 'said'}:${texts.join('|')}.`;
}

/** The answers that a prompt asks for; an empty one where it asks for none. Pure. */
export function answerSaid(prompt: string): SaidAnswer {
  const last = [...prompt.matchAll(/\b(said|held):([\w+/=|]*)\./g)].at(-1);
  const texts = (last?.[2] ?? '').split('|');
  return {
    answers: texts.map((text) => Buffer.from(text, 'base64').toString('utf8')),
    isHeld: last?.[1] === 'held',
  };
}
