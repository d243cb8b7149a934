/** A smaller copy of a model beside the model itself. */
export interface LossyQuality {
  /** Of its perplexity to the whole model's: above 1 is worse. */
  readonly perplexityRatio: number;
  /** Share of tokens at which both find the same one most likely. */
  readonly greedyAgreement: number;
  /** Of its tokens per second to the whole model's. */
  readonly decodeSpeedRatio: number;
}
