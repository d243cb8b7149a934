/** A set-up step that cannot go on: what happened, and the one thing to do. Shown without a stack. */
export class SetupError extends Error {
  /**
   * @param {string} message
   * @param {string} remedy one imperative sentence
   * @param {ErrorOptions} [options]
   */
  constructor(message, remedy, options) {
    super(message, options);
    this.name = 'SetupError';
    this.remedy = remedy;
  }
}
