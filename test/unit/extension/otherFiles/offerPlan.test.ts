import { beforeEach, describe, expect, it } from 'vitest';
import { OfferPlan, quietMs } from '../../../../extension/otherFiles/offerPlan.ts';
import { ManualClock } from '../../../support/machine/manualClock.ts';

class OpenDocument {
  readonly uri: string;
  isClosed = false;

  constructor(uri: string) {
    this.uri = uri;
  }
}

const [a, b] = [new OpenDocument('file:///a.ts'), new OpenDocument('file:///b.ts')];
const output = new OpenDocument('output:log');

let clock: ManualClock;
let done: string[];
let plan: OfferPlan<OpenDocument>;

beforeEach(() => {
  clock = new ManualClock();
  done = [];
  const note =
    (what: string) =>
    ({ uri }: OpenDocument, line?: number) =>
      done.push([what, uri, ...(line === undefined ? [] : [line])].join(' '));
  plan = new OfferPlan({
    after: (delayMs, run) => clock.after(delayMs, run),
    isWanted: ({ uri }) => uri.startsWith('file:'),
    offerSeen: note('seen'),
    offerEdited: note('edited'),
    offerCells: note('cells'),
    lookUpImports: note('imports'),
    stopLookUp: note('stop'),
  });
});

/** What is done within so many milliseconds. */
function within(ms: number): readonly string[] {
  done = [];
  clock.advance(ms);
  return done;
}

describe('the plan of offers', () => {
  it('offers what is seen of a document that was opened, then its cells and imports', () => {
    plan.opened(a);
    expect(within(quietMs.visited - 1)).toEqual([]);
    expect(within(1)).toEqual(['seen file:///a.ts']);
    expect(within(quietMs.imports)).toEqual(['cells file:///a.ts', 'imports file:///a.ts']);
    expect(within(60_000)).toEqual([]);
  });

  it('waits anew with each event of a document', () => {
    plan.visited(a);
    within(quietMs.visited - 1);
    plan.visited(a);
    plan.visited(b);
    expect(within(quietMs.visited - 1)).toEqual([]);
    expect(within(1)).toEqual(['seen file:///a.ts', 'seen file:///b.ts']);
  });

  it('looks imports up after a document was typed in, though that has stopped it before', () => {
    plan.opened(a);
    within(quietMs.imports - 1);
    plan.edited(a, { line: 3, isActive: true });
    expect(done).toContain('stop file:///a.ts');
    expect(within(quietMs.imports - 1)).not.toContain('imports file:///a.ts');
    expect(within(1)).toEqual(['imports file:///a.ts']);
    expect(within(quietMs.edited)).toEqual(['edited file:///a.ts 3']);
    plan.edited(a, { line: 0, isActive: true });
    expect(within(quietMs.imports)).toEqual(['imports file:///a.ts']);
  });

  it('is not disturbed by changes of other documents, and looks up no imports of those', () => {
    plan.opened(a);
    plan.edited(b, { line: 7, isActive: false });
    plan.edited(output, { line: 0, isActive: false });
    expect(done).not.toContain('stop file:///a.ts');
    expect(within(60_000)).toEqual([
      'seen file:///a.ts',
      'cells file:///a.ts',
      'imports file:///a.ts',
      'edited file:///b.ts 7',
    ]);
  });

  it('leaves out what is not wanted, and what was closed meanwhile', () => {
    const closed = new OpenDocument('file:///closed.ts');
    plan.opened(output);
    plan.opened(closed);
    closed.isClosed = true;
    expect(within(60_000)).toEqual([]);
  });

  it('does nothing once it is disposed', () => {
    plan.opened(a);
    plan.dispose();
    expect(within(60_000)).toEqual([]);
  });
});
