/** What a scripted model is to answer. */
export interface SaidAnswer {
  readonly answer: string;
  /** Whether it begins to write only once the test lets it. */
  readonly isHeld: boolean;
}

/** A problem's message that has the answer in it, so that a prompt says what its answer is. Pure. */
export function problemSaying({ answer, isHeld }: SaidAnswer): string {
  return `${isHeld ? 'held' : 'said'}:${Buffer.from(answer, 'utf8').toString('base64')}.`;
}

/** The answer that a prompt asks for; an empty one where it asks for none. Pure. */
export function answerSaid(prompt: string): SaidAnswer {
  const last = [...prompt.matchAll(/\b(said|held):([\w+/=]*)\./g)].at(-1);
  const answer = Buffer.from(last?.[2] ?? '', 'base64').toString('utf8');
  return { answer, isHeld: last?.[1] === 'held' };
}
