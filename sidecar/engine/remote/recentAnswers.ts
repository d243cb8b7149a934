/**
 * Keeps the latest answers to questions that always have the same one, so that a server far away is asked once. A failure is not
 * kept, and neither is a long question: what all prompts share is short.
 */
export class RecentAnswers<T> {
  readonly #answers = new Map<string, T>();
  readonly #most: number;
  readonly #longest: number;

  /** `most` answers to questions of up to `longest` characters. */
  constructor({ most, longest }: { readonly most: number; readonly longest: number }) {
    this.#most = most;
    this.#longest = longest;
  }

  /** The answer that is known, or that `ask` gives. */
  async answer(question: string, ask: () => Promise<T>): Promise<T> {
    const known = this.#answers.get(question);
    const answer = known ?? (await ask());
    if (question.length > this.#longest) return answer;
    // The latest is last.
    this.#answers.delete(question);
    this.#answers.set(question, answer);
    const [oldest] = this.#answers.keys();
    if (this.#answers.size > this.#most && oldest !== undefined) this.#answers.delete(oldest);
    return answer;
  }
}
