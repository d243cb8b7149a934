export interface TestCount {
  readonly passed: number;
  readonly failed: number;
  /** What failed or never ran, a line each. */
  readonly problems: readonly string[];
}

export function countReport(report: unknown): TestCount;
