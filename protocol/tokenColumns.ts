import type { TokenColumns } from './traceEvent.ts';

/** A column that longer columns share: it sees the first `length` values, whatever was added behind them. */
interface SharedColumn<T> {
  readonly values: T[];
  readonly length: number;
}

type SharedColumns = {
  readonly [Name in keyof Required<TokenColumns>]:
    SharedColumn<Required<TokenColumns>[Name][number]> | Absent<Name>;
};
/** What a column is where it is not there. */
type Absent<Name> = Name extends 'entropyUpperNats' ? null : never;

/** What `appendTokenColumns` made, so that the next append finds the columns to grow. */
const grown = new WeakMap<TokenColumns, SharedColumns>();

export const emptyTokenColumns: TokenColumns = {
  ids: [],
  texts: [],
  logprobs: [],
  entropyNats: [],
  varentropy: [],
  margins: [],
  alternatives: [],
  sources: [],
};

/**
 * Entropy of each token that the model was free to draw, in nats, the lower bound where it is an interval; null where the text had to begin with given characters,
 * which says nothing about the model's doubt.
 */
export function doubtNats({ entropyNats, sources }: TokenColumns): readonly (number | null)[] {
  return sources.includes('required')
    ? entropyNats.map((nats, index) => (sources[index] === 'required' ? null : nats))
    : entropyNats;
}

/** The upper bounds of the same entropies; null where all are exact. */
export function doubtUpperNats({
  entropyUpperNats,
  sources,
}: TokenColumns): readonly (number | null)[] | null {
  if (entropyUpperNats === undefined) return null;
  return entropyUpperNats.map((nats, index) => (sources[index] === 'required' ? null : nats));
}

/**
 * Both runs joined. Pure to its callers, yet costs only the added tokens: results share one growing store, and a
 * column becomes an array of its own when it is first read. Appending twice to the same run copies it.
 */
export function appendTokenColumns(first: TokenColumns, added: TokenColumns): TokenColumns {
  const base = grown.get(first) ?? share(first);
  const columns: SharedColumns = {
    ids: extend(base.ids, added.ids),
    texts: extend(base.texts, added.texts),
    logprobs: extend(base.logprobs, added.logprobs),
    entropyNats: extend(base.entropyNats, added.entropyNats),
    entropyUpperNats: extendUpper(base, added),
    varentropy: extend(base.varentropy, added.varentropy),
    margins: extend(base.margins, added.margins),
    alternatives: extend(base.alternatives, added.alternatives),
    sources: extend(base.sources, added.sources),
  };
  const view = viewOf(columns);
  grown.set(view, columns);
  return view;
}

function share(columns: TokenColumns): SharedColumns {
  const copy = <T>(values: readonly T[]): SharedColumn<T> => ({
    values: [...values],
    length: values.length,
  });
  return {
    ids: copy(columns.ids),
    texts: copy(columns.texts),
    logprobs: copy(columns.logprobs),
    entropyNats: copy(columns.entropyNats),
    entropyUpperNats: columns.entropyUpperNats === undefined ? null : copy(columns.entropyUpperNats),
    varentropy: copy(columns.varentropy),
    margins: copy(columns.margins),
    alternatives: copy(columns.alternatives),
    sources: copy(columns.sources),
  };
}

/** The upper bounds of both runs: an exact entropy is its own upper bound. Null where no run has any. */
function extendUpper(
  { entropyNats, entropyUpperNats }: SharedColumns,
  added: TokenColumns,
): SharedColumn<number> | null {
  if (entropyUpperNats === null && added.entropyUpperNats === undefined) return null;
  const exact = { values: entropyNats.values.slice(0, entropyNats.length), length: entropyNats.length };
  return extend(entropyUpperNats ?? exact, added.entropyUpperNats ?? added.entropyNats);
}

function extend<T>(column: SharedColumn<T>, added: readonly T[]): SharedColumn<T> {
  const isNewest = column.values.length === column.length;
  const values = isNewest ? column.values : column.values.slice(0, column.length);
  for (const value of added) values.push(value);
  return { values, length: values.length };
}

function viewOf(columns: SharedColumns): TokenColumns {
  const ids = lazySlice(columns.ids);
  const texts = lazySlice(columns.texts);
  const logprobs = lazySlice(columns.logprobs);
  const entropyNats = lazySlice(columns.entropyNats);
  const entropyUpperNats = columns.entropyUpperNats === null ? null : lazySlice(columns.entropyUpperNats);
  const varentropy = lazySlice(columns.varentropy);
  const margins = lazySlice(columns.margins);
  const alternatives = lazySlice(columns.alternatives);
  const sources = lazySlice(columns.sources);
  const view: TokenColumns = {
    get ids() {
      return ids();
    },
    get texts() {
      return texts();
    },
    get logprobs() {
      return logprobs();
    },
    get entropyNats() {
      return entropyNats();
    },
    get varentropy() {
      return varentropy();
    },
    get margins() {
      return margins();
    },
    get alternatives() {
      return alternatives();
    },
    get sources() {
      return sources();
    },
  };
  if (entropyUpperNats === null) return view;
  return Object.defineProperty(view, 'entropyUpperNats', { enumerable: true, get: entropyUpperNats });
}

function lazySlice<T>(column: SharedColumn<T>): () => readonly T[] {
  let slice: readonly T[] | null = null;
  return () => (slice ??= column.values.slice(0, column.length));
}
