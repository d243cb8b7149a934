/** Lines of one list in the place of lines of another. Indices count from 0. */
export interface LineHunk {
  readonly start: number;
  readonly count: number;
  readonly newStart: number;
  readonly newCount: number;
}

/** Lists that differ in more lines count as different throughout: the search takes memory by the square of it. */
const mostDifferences = 1000;

/**
 * The fewest lines to take away and put in that make one list of the other, as hunks in order with at least one equal line
 * between two (Myers, "An O(ND) Difference Algorithm and Its Variations", 1986). One hunk where over 1,000 lines differ. Pure.
 */
export function lineHunks(old: readonly string[], changed: readonly string[]): readonly LineHunk[] {
  let start = 0;
  while (start < old.length && start < changed.length && old[start] === changed[start]) start += 1;
  let [end, newEnd] = [old.length, changed.length];
  while (end > start && newEnd > start && old[end - 1] === changed[newEnd - 1]) {
    end -= 1;
    newEnd -= 1;
  }
  const rest = hunksBetween(old.slice(start, end), changed.slice(start, newEnd));
  return rest.map((hunk) => ({ ...hunk, start: hunk.start + start, newStart: hunk.newStart + start }));
}

function hunksBetween(old: readonly string[], changed: readonly string[]): readonly LineHunk[] {
  if (old.length === 0 && changed.length === 0) return [];
  const all: LineHunk = { start: 0, count: old.length, newStart: 0, newCount: changed.length };
  if (old.length === 0 || changed.length === 0) return [all];
  const rounds = searchRounds(old, changed);
  return rounds === null ? [all] : hunksOf(equalPairs(rounds, old.length, changed.length), all);
}

/** The furthest line of `old` on each diagonal (place in `old` less place in `changed`) after so many differences. */
type Round = ReadonlyMap<number, number>;

/** What each number of differences reaches, up to the one that reaches both ends; null where that is too many. */
function searchRounds(old: readonly string[], changed: readonly string[]): readonly Round[] | null {
  const rounds: Round[] = [];
  let last: Round = new Map([[1, 0]]);
  for (let differences = 0; differences <= mostDifferences; differences += 1) {
    const round = new Map<number, number>();
    for (let diagonal = -differences; diagonal <= differences; diagonal += 2) {
      let place = firstPlace(last, diagonal, differences);
      while (
        place < old.length &&
        place - diagonal < changed.length &&
        old[place] === changed[place - diagonal]
      )
        place += 1;
      round.set(diagonal, place);
      if (place >= old.length && place - diagonal >= changed.length) return [...rounds, round];
    }
    rounds.push(round);
    last = round;
  }
  return null;
}

/** Where a diagonal is entered: by a line that is put in, or by one that is taken away, whichever is further. */
function firstPlace(last: Round, diagonal: number, differences: number): number {
  return isPutIn(last, diagonal, differences) ? reach(last, diagonal + 1) : reach(last, diagonal - 1) + 1;
}

function isPutIn(last: Round, diagonal: number, differences: number): boolean {
  if (diagonal === -differences) return true;
  return diagonal !== differences && reach(last, diagonal - 1) < reach(last, diagonal + 1);
}

function reach(round: Round, diagonal: number): number {
  return round.get(diagonal) ?? 0;
}

interface LinePair {
  readonly place: number;
  readonly newPlace: number;
}

/** Lines that both lists keep, in order, found from the ends back. */
function equalPairs(rounds: readonly Round[], length: number, newLength: number): readonly LinePair[] {
  const pairs: LinePair[] = [];
  let [place, newPlace] = [length, newLength];
  for (let differences = rounds.length - 1; differences > 0; differences -= 1) {
    const last = rounds[differences - 1] ?? new Map<number, number>();
    const diagonal = place - newPlace;
    const before = isPutIn(last, diagonal, differences) ? diagonal + 1 : diagonal - 1;
    const from = firstPlace(last, diagonal, differences);
    while (place > from) pairs.push({ place: (place -= 1), newPlace: (newPlace -= 1) });
    place = reach(last, before);
    newPlace = place - before;
  }
  while (place > 0 && newPlace > 0) pairs.push({ place: (place -= 1), newPlace: (newPlace -= 1) });
  return pairs.reverse();
}

/** What is between the pairs, and after the last. */
function hunksOf(pairs: readonly LinePair[], all: LineHunk): readonly LineHunk[] {
  const hunks: LineHunk[] = [];
  let [start, newStart] = [0, 0];
  for (const { place, newPlace } of [...pairs, { place: all.count, newPlace: all.newCount }]) {
    if (place > start || newPlace > newStart)
      hunks.push({ start, count: place - start, newStart, newCount: newPlace - newStart });
    start = place + 1;
    newStart = newPlace + 1;
  }
  return hunks;
}
