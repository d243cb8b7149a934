/** A smaller copy of a model beside the model itself. */
export interface LossyQuality {
  /** Its perplexity by the whole model's: above 1 is worse. */
  readonly perplexityRatio: number;
  /** Share of tokens at which both find the same one most likely. */
  readonly greedyAgreement: number;
  /** Its tokens per second by the whole model's. */
  readonly decodeSpeedRatio: number;
}
