/** One item of a merge: a value of a source, or the value a source returned when it ended. */
export type Merged<T, R> =
  | { readonly type: 'value'; readonly source: number; readonly value: T }
  | { readonly type: 'ended'; readonly source: number; readonly result: R };

/**
 * Runs all sources at once and yields in order of arrival. Fair: a source is asked for its next value only after
 * its last one was taken, so none can run ahead of the others. When the consumer leaves early or a source throws,
 * `abandon` is called, which must make every source end soon, and the rest of what they yield is dropped.
 */
export async function* merge<T, R>(
  sources: readonly AsyncGenerator<T, R, void>[],
  abandon: () => void,
): AsyncGenerator<Merged<T, R>, void, void> {
  const arrivals: (() => Merged<T, R>)[] = [];
  let wake: () => void = () => undefined;
  let running = sources.length;

  const ask = (generator: AsyncGenerator<T, R, void>, source: number): void => {
    const arrive = (arrival: () => Merged<T, R>): void => {
      arrivals.push(arrival);
      wake();
    };
    generator.next().then(
      (step) => {
        arrive(() =>
          step.done === true
            ? { type: 'ended', source, result: step.value }
            : { type: 'value', source, value: step.value },
        );
      },
      (error: unknown) => {
        arrive(() => {
          throw error;
        });
      },
    );
  };

  let isComplete = false;
  try {
    for (const [source, generator] of sources.entries()) ask(generator, source);
    while (running > 0) {
      const arrival = arrivals.shift();
      if (arrival === undefined) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      const item = arrival();
      if (item.type === 'ended') running--;
      yield item;
      const generator = sources[item.source];
      if (item.type === 'value' && generator !== undefined) ask(generator, item.source);
    }
    isComplete = true;
  } finally {
    if (!isComplete) {
      abandon();
      await Promise.allSettled(sources.map(drain));
    }
  }
}

async function drain(source: AsyncGenerator): Promise<void> {
  let step = await source.next();
  while (step.done !== true) step = await source.next();
}
