/** A reading of one sensor. */
export interface Reading {
  readonly sensor: string;
  readonly celsius: number;
}

export function toFahrenheit(celsius: number): number {
  return (celsius * 9) / 5 + 32;
}

export function toCelsius(fahrenheit: number): number {
  return 
}

/** The warmest reading, or null when there is none. */
export function warmest(readings: readonly Reading[]): Reading | null {
  let best: Reading | null = null;
  for (const reading of readings) {
    if (best === null || reading.celsius > best.celsius) best = reading;
  }
  return best;
}
