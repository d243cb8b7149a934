import { expect, it } from 'vitest';
import { infillOptions } from '../../../../../lab/bench/infill/infillFlags.ts';
import { UsageError } from '../../../../../sidecar/cli/command.ts';

const namesOf = (values: Parameters<typeof infillOptions>[0]): readonly string[] =>
  infillOptions(values, 'raw').ways.map(({ name }) => name);

it('compares with and without healing by default', () => {
  expect(namesOf({})).toEqual(['not healed', 'healed']);
});

it('names every way by what differs, so that raw files keep them apart', () => {
  const names = namesOf({
    healing: 'run',
    layouts: 'suffixFirst,lineLast',
    closers: 'both',
    reading: 'inTime',
  });
  expect(names).toEqual([
    'suffixFirst, healed, closers kept, prompts in time',
    'suffixFirst, healed, prompts in time',
    'lineLast, healed, closers kept, prompts in time',
    'lineLast, healed, prompts in time',
  ]);
});

it('takes all rows for a limit of 0, and 500 spans', () => {
  expect(infillOptions({ limit: '0' }, 'raw')).toMatchObject({ limit: Infinity, spans: 500 });
  expect(infillOptions({ limit: '7' }, 'raw')).toMatchObject({ limit: 7, spans: 7 });
});

it.each([{ layouts: 'prefixFirst,first' }, { reading: 'half' }, { healing: 'all' }, { closers: 'none' }])(
  'refuses %j',
  (values) => {
    expect(() => infillOptions(values, 'raw')).toThrow(UsageError);
  },
);
