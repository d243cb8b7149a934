/** Ends an exhaustive `switch`. Throws when a value of another version arrives that the compiler never saw. */
export function assertNever(value: never): never {
  throw new Error(`Unhandled variant: ${JSON.stringify(value)}`);
}
