import { describe, expect, it } from 'vitest';
import { askedEdit } from '../../../../sidecar/edits/askedEdit.ts';
import { requireEditFits } from '../../../../sidecar/edits/contextFit.ts';
import {
  type EditMeasurements,
  parseMeasuredEdits,
  requireAbleToEdit,
} from '../../../../sidecar/edits/measuredEdits.ts';
import { pythonEdit } from '../../../support/edits/pythonEdit.ts';

const larger = { model: 'huge', sizeBytes: 9.04e9 };
const weightCount = 1e9;
const rows: EditMeasurements['rows'] = [
  { model: 'tiny', sha256: 'a', sizeBytes: 4e8, weightCount, cases: 148, passed: 60 },
  {
    model: 'large',
    sha256: 'c',
    sizeBytes: 5e9,
    weightCount: 7e9,
    cases: 148,
    passed: 140,
  },
  { model: 'medium', sha256: 'b', sizeBytes: 1.12e9, weightCount, cases: 148, passed: 74 },
];

describe('a model', () => {
  it('below half of the measured edits is refused, and the smallest that is enough named', () => {
    const refused = () => {
      requireAbleToEdit({ name: 'tiny', hash: 'a', weightCount }, { rows, larger });
    };
    expect(refused).toThrow(expect.objectContaining({ code: 'model.tooWeak' }));
    expect(refused).toThrow(
      expect.objectContaining({ message: expect.stringContaining('medium (1.1 GB)') as string }),
    );
    expect(() => {
      requireAbleToEdit({ name: 'tiny', hash: 'a', weightCount }, { rows: rows.slice(0, 1), larger });
    }).toThrow(
      expect.objectContaining({ message: expect.stringContaining('huge (about 9.0 GB)') as string }),
    );
  });

  it.each([
    ['with half of them', 'b', weightCount],
    ['that was not measured, and is larger than those that are refused', 'x', 1e9 + 1],
    ['of a server', 'x', null],
  ])('%s is asked', (_what, hash, size) => {
    expect(() => {
      requireAbleToEdit({ name: 'some', hash, weightCount: size }, { rows, larger });
    }).not.toThrow();
  });

  it('that was not measured is refused where it is no larger than one that is', () => {
    expect(() => {
      requireAbleToEdit({ name: 'some', hash: 'x', weightCount }, { rows, larger });
    }).toThrow(
      'some was not measured, and is no larger than tiny, which got 60 of 148 measured edits right, so it is not asked',
    );
  });

  it('has a whole row or none', () => {
    expect(() => parseMeasuredEdits({ rows: [{ model: 'a' }] })).toThrow(
      expect.objectContaining({ code: 'parameter.invalid' }),
    );
  });
});

describe('the context', () => {
  const text = Array.from({ length: 400 }, (_, index) => `value${index} = ${index}\n`).join('');
  const document = { ...pythonEdit().document, text };
  const range = { start: { line: 0, character: 0 }, end: { line: 400, character: 0 } };
  const words = (given: string) => Promise.resolve(given.split(/\s+/).length);
  const fits = (contextTokens: number, asked = askedEdit(pythonEdit({ document, range }))) =>
    requireEditFits(asked, { info: { contextTokens }, tokenize: words });

  it('has room for a prompt and its answer, or says how many lines fit', async () => {
    // Three such answers fit beside each other.
    expect(await fits(8000)).toBe(3);
    const refusal = await fits(2000).catch((thrown: unknown) => thrown);
    expect(refusal).toMatchObject({ code: 'context.exceeded' });
    const [, fitting = ''] = /Of the 400 lines about (\d+) fit/.exec(String(refusal)) ?? [];
    expect(Number(fitting)).toBeGreaterThan(50);
    const end = { line: Number(fitting), character: 0 };
    const smaller = askedEdit(pythonEdit({ document, range: { ...range, end } }));
    expect(await fits(2000, smaller)).toBe(1);
  });

  it('has none where other files fill it', async () => {
    const attachments = [{ languageId: 'python', path: 'other.py', text }];
    const asked = askedEdit(pythonEdit({ attachments }));
    await expect(fits(1000, asked)).rejects.toMatchObject({
      code: 'context.exceeded',
      message: expect.stringContaining('leaves no room') as string,
    });
  });
});
