import { describe, expect, it } from 'vitest';
import { AnswersFile, type Kept } from '../../../../../lab/bench/infill/answersFile.ts';
import { askAtOnce, loadFigure } from '../../../../../lab/bench/serving/clientCountsPart.ts';
import type { ServedText } from '../../../../../lab/bench/serving/servedText.ts';
import {
  type AskedPrompt,
  measureClients,
  overheadFigures,
} from '../../../../../lab/bench/serving/serverOverheadPart.ts';
import type { ServingMeasurement } from '../../../../../lab/bench/serving/servingMeasurements.ts';
import { parseReport, toJson, toMarkdown } from '../../../../../lab/bench/report.ts';
import { temporaryFolder } from '../../../../support/machine/temporaryFolder.ts';
import { exampleReport } from '../../../../support/trace/exampleReport.ts';

const text = (firstTokenMs: number, msPerToken = 10): ServedText => ({
  firstTokenMs,
  lastTokenMs: firstTokenMs + 63 * msPerToken,
  endMs: firstTokenMs + 63 * msPerToken + 1,
  firstTokenCount: 1,
  tokenCount: 64,
});

/** A comparison that notes who was asked. */
function notedPair() {
  const asked: string[] = [];
  const side =
    (name: string, firstTokenMs: number) =>
    ({ question }: AskedPrompt) => {
      asked.push(`${name} ${question}`);
      return Promise.resolve(text(firstTokenMs));
    };
  const pair = {
    ...{ name: 'engine', subjectName: 'engine', baselineName: 'plain client' },
    ...{ subject: side('engine', 45), baseline: side('plain', 40) },
  };
  return { asked, pair };
}

const openFile = (folder: string) =>
  AnswersFile.open<ServingMeasurement>(folder, ['server'], {
    revision: '1',
    fromLine: (line) => line as Kept<ServingMeasurement>,
  });
const promptFor = (variant: string) => Promise.resolve({ question: variant, text: variant, tokens: [] });
const quiet = { rounds: 3, note: () => undefined, promptFor };

describe('pairs of clients', () => {
  it('take turns in going first, after one pair that does not count', async () => {
    await using folder = await temporaryFolder();
    const { asked, pair } = notedPair();
    const measurements = await measureClients(pair, await openFile(folder.path), quiet);

    expect(asked).toEqual([
      ...['plain 600', 'engine 700', 'engine 000', 'plain 100'],
      ...['plain 200', 'engine 300', 'engine 400', 'plain 500'],
    ]);
    expect(measurements.map(({ round }) => round)).toEqual([0, 1, 2]);
  });

  it('go on where an interrupted run stopped', async () => {
    await using folder = await temporaryFolder();
    const first = notedPair();
    await measureClients(first.pair, await openFile(folder.path), { ...quiet, rounds: 2 });
    const { asked, pair } = notedPair();
    const file = await openFile(folder.path);
    const measurements = await measureClients(pair, file, quiet);

    // One to warm up, and the third.
    expect(asked).toHaveLength(4);
    expect(measurements).toHaveLength(3);
    await file.remove();
    expect((await openFile(folder.path)).find(() => true)).toBeUndefined();
    expect(file.find(() => true)).toBeUndefined();
  });

  it('of a text that is too short measure nothing', async () => {
    await using folder = await temporaryFolder();
    const { pair } = notedPair();
    const short = { ...pair, baseline: () => Promise.resolve({ ...text(40), tokenCount: 63 }) };
    const measured = measureClients(short, await openFile(folder.path), quiet);
    await expect(measured).rejects.toMatchObject({ code: 'engine.failed' });
  });

  it('show the first token as a difference, and speeds as a ratio', () => {
    const measurement = (subject: ServedText) =>
      ({ part: 'overhead', name: 'engine', round: 0, subject, baseline: text(40) }) as const;
    const names = { subjectName: 'engine', baselineName: 'plain client' };
    const measurements = [45, 41, 43].map((firstMs) => measurement(text(firstMs, 20)));
    const figures = overheadFigures(names, measurements);
    const markdown = toMarkdown({ ...exampleReport, figures }, null);

    expect(markdown).toContain('| first token, engine less plain client | 3.00 ms | – | 5.00 ms | 3 |');
    expect(markdown).toContain('engine 50.0 tok/s | plain client 100.0 tok/s | 0.50 |');
  });
});

describe('clients at once', () => {
  it('each have one request at a time, until none is left', async () => {
    const waiting: (() => void)[] = [];
    let running = 0;
    let most = 0;
    const ask = async ([id = 0]: readonly number[]): Promise<ServedText> => {
      running += 1;
      most = Math.max(most, running);
      await new Promise<void>((resolve) => waiting.push(resolve));
      running -= 1;
      return text(id);
    };
    const asked = askAtOnce([[1], [2], [3], [4], [5]], { clients: 2, ask });
    for (let answered = 0; answered < 5; answered++) {
      await expect.poll(() => waiting.length).toBeGreaterThan(0);
      waiting.shift()?.();
    }
    const texts = await asked;

    expect(most).toBe(2);
    expect(texts.map(({ firstTokenMs }) => firstTokenMs)).toEqual([1, 2, 3, 4, 5]);
  });

  it('are a row with the tokens of all, and the times of each', () => {
    const texts = Array.from({ length: 20 }, (_, index) => text(index + 1));
    const figure = loadFigure({ part: 'clients', clients: 4, texts, durationMs: 10_000 });
    const report = { ...exampleReport, figures: [figure] };

    expect(toMarkdown(report, null)).toContain('| 4 | 128.0 | 10 ms | 19 ms | 641 ms | 650 ms | 20 |');
    expect(parseReport(toJson(report))?.figures).toEqual([figure]);
  });
});
