import { appendFile, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseQuestions } from '../../../../../lab/calibrate/questionFile.ts';
import { growValueSet, type GrowthTask } from '../../../../../lab/calibrate/valueSet/growValueSet.ts';
import { PackedValueSet } from '../../../../../lab/calibrate/valueSet/packedValueSet.ts';
import { packValueSet } from '../../../../../lab/calibrate/valueSet/packValueSet.ts';
import { readStates } from '../../../../../lab/calibrate/valueSet/statesFile.ts';
import type { StatedQuestion } from '../../../../../lab/calibrate/valueSet/valueQuestion.ts';
import type { Model } from '../../../../../sidecar/engine/engine.ts';
import type { Script } from '../../../../../sidecar/engine/scripted/script.ts';
import { scriptedModel } from '../../../../support/engine/scriptedRequest.ts';
import { temporaryFolder } from '../../../../support/machine/temporaryFolder.ts';

const never = new AbortController().signal;
const questionCount = 15;
const hiddenSize = 4;
const kinds = ['right', 'wrong', 'silent', 'endless', 'capped'] as const;

const questions = parseQuestions(
  Array.from({ length: questionCount }, (_, n) =>
    JSON.stringify({ id: n, question: `Question number ${n} of kind ${kinds[n % 5]}?`, answer: n }),
  ).join('\n'),
  'q.jsonl',
);
const kindIn = (text: string): string => /of kind (\w+)/.exec(text)?.[1] ?? '';
const numberIn = (text: string): number => Number(/number (\d+)/.exec(text)?.[1]);

/** Writes a thought of two lines and its answer; `asked` takes the text that each thought begins after. */
function scripted(): { readonly script: Script; readonly asked: string[] } {
  const asked: string[] = [];
  const script: Script = ({ text, call }) => {
    const kind = kindIn(text);
    if (call === 0) asked.push(text);
    if (kind === 'endless' || (kind === 'capped' && call === 0)) return 'more '.repeat(400);
    if (call > 0) return kind === 'silent' ? '' : `${kind !== 'wrong' ? numberIn(text) : 999}\n`;
    const token = (words: string, entropyNats: number) => ({ text: words, entropyNats });
    return [
      token(' add', 0.5),
      token('.\n', 0.25),
      token('\n', 1),
      token('Step', 2),
      token('\n', 4),
      token('Final answer:', 8),
    ];
  };
  return { script, asked };
}

/** States say how much text they were read after. */
async function modelOf(script: Script): Promise<Model> {
  const hiddenState = (text: string): Float32Array =>
    Float32Array.from([text.length, numberIn(text), Math.sin(text.length), 1]);
  return scriptedModel(script, { hiddenState, local: { hiddenSize } });
}

function taskIn(folder: string, members: Partial<GrowthTask> = {}): GrowthTask {
  return {
    questions,
    plan: { samples: 3, temperature: 0.7, maxThoughtTokens: 24, seed: 3, skipPreamble: true },
    parallel: 4,
    statesPath: path.join(folder, 'set.states'),
    packed: null,
    onProgress: () => undefined,
    ...members,
  };
}

async function readAll(statesPath: string): Promise<readonly StatedQuestion[]> {
  const all: StatedQuestion[] = [];
  for await (const question of readStates(statesPath)) all.push(question);
  return all.toSorted((a, b) => Number(a.id) - Number(b.id));
}

describe('a value set', () => {
  it('labels candidates by their answers, and says where each state was read', async () => {
    await using folder = await temporaryFolder();
    const task = taskIn(folder.path);
    const { script, asked } = scripted();
    const progress: string[] = [];
    const onProgress = (done: number, total: number): void => void progress.push(`${done}/${total}`);
    const result = await growValueSet(await modelOf(script), { ...task, onProgress }, never);
    expect(result).toEqual({ questionCount, sampledNow: questionCount });
    expect(progress.at(0)).toBe(`0/${questionCount}`);
    expect(progress.at(-1)).toBe(`${questionCount}/${questionCount}`);
    // Every thought begins at its first step.
    expect(asked).toHaveLength(3 * questionCount);
    expect(asked.every((text) => text.endsWith('Step 1:'))).toBe(true);
    const sampled = await readAll(task.statesPath);
    expect(sampled.map(({ id }) => id)).toEqual(questions.map(({ id }) => id));
    for (const { id, candidates, states } of sampled) {
      const kind = kinds[Number(id) % 5];
      expect(candidates).toHaveLength(3);
      const promptLength = states[0]?.[0] ?? NaN;
      let next = 1;
      for (const { isCorrect, answer, end, isCutOff, points, text, thoughtTokens } of candidates) {
        expect(isCutOff).toBe(kind === 'endless' || kind === 'capped');
        expect(isCorrect).toBe(kind === 'right' || kind === 'capped');
        if (kind === 'right' || kind === 'capped') expect(answer).toBe(String(id));
        if (kind === 'wrong') expect(answer).toBe('999');
        if (kind === 'silent') expect(answer).toBeNull();
        expect(end).toBe(kind === 'endless' ? 'truncated' : 'finished');
        expect(points.at(-1)?.place).toBe('answer');
        // Half floats carry no more than this.
        for (const { characters } of points) {
          const read = states[next++]?.[0] ?? NaN;
          expect(Math.abs(read - promptLength - characters)).toBeLessThanOrEqual(0.5);
          expect(characters).toBeLessThanOrEqual(text.length);
        }
        if (kind === 'endless' || kind === 'capped') {
          expect(thoughtTokens).toBeLessThanOrEqual(24);
          expect(points).toHaveLength(1);
        } else {
          // The blank line between them ends none.
          expect(points.slice(0, 2)).toEqual([
            { place: 'lineEnd', generatedTokens: 2, characters: 'Step 1: add.\n'.length, entropyNats: 0.75 },
            {
              place: 'lineEnd',
              generatedTokens: 5,
              characters: 'Step 1: add.\n\nStep\n'.length,
              entropyNats: 7,
            },
          ]);
        }
        if (kind === 'right' || kind === 'wrong') {
          // Of the marker and the answer, each word of which has 0.2 nats, and not of the line break that ended it.
          expect(points).toHaveLength(3);
          expect(points[2]).toMatchObject({ generatedTokens: 7, characters: text.length - 1 });
          expect(points[2]?.entropyNats).toBeCloseTo(8.2, 9);
        }
      }
      expect(states).toHaveLength(next);
    }
  });

  it('goes on from where it was interrupted, even in the middle of a record', async () => {
    await using folder = await temporaryFolder();
    const { script, asked } = scripted();
    const task = taskIn(folder.path);
    const ending = new AbortController();
    const onProgress = (done: number): void => {
      if (done === 4) ending.abort();
    };
    const first = growValueSet(await modelOf(script), { ...task, onProgress }, ending.signal);
    await expect(first).rejects.toMatchObject({ code: 'cancelled' });
    const kept = await readAll(task.statesPath);
    expect(kept.length).toBeGreaterThanOrEqual(4);
    expect(kept.length).toBeLessThan(questionCount);
    await appendFile(task.statesPath, Uint8Array.from([200, 0, 0, 0, 16, 0, 0, 0, 0x7b, 0x22]));
    expect(await readAll(task.statesPath)).toEqual(kept);
    asked.length = 0;
    const result = await growValueSet(await modelOf(script), task, never);
    expect(result).toEqual({ questionCount, sampledNow: questionCount - kept.length });
    expect(asked).toHaveLength(3 * (questionCount - kept.length));
    const whole = taskIn(path.join(folder.path, 'other'));
    await growValueSet(await modelOf(script), whole, never);
    expect(await readAll(task.statesPath)).toEqual(await readAll(whole.statesPath));
  });

  it('does not go on with another plan or model, and leaves files alone that are none', async () => {
    await using folder = await temporaryFolder();
    const { script, asked } = scripted();
    const task = taskIn(folder.path, { questions: questions.slice(0, 1) });
    await growValueSet(await modelOf(script), task, never);
    asked.length = 0;
    const hotter = { ...task, plan: { ...task.plan, temperature: 1 } };
    await expect(growValueSet(await modelOf(script), hotter, never)).rejects.toMatchObject({
      code: 'calibration.mismatch',
      message: expect.stringContaining('"temperature":0.7') as string,
    });
    const identity = { name: 'other', hash: 'f'.repeat(64), hashKind: 'sha256' } as const;
    const other = await scriptedModel(script, { hiddenState: () => new Float32Array(4), info: { identity } });
    await expect(growValueSet(other, task, never)).rejects.toMatchObject({ code: 'calibration.mismatch' });
    const letter = taskIn(path.join(folder.path), { statesPath: path.join(folder.path, 'letter') });
    for (const text of ['Dear Sir,\n', 'x'.repeat(5000)]) {
      await writeFile(letter.statesPath, text);
      await expect(growValueSet(await modelOf(script), letter, never)).rejects.toMatchObject({
        code: 'calibration.mismatch',
      });
      expect(await readFile(letter.statesPath, 'utf8')).toBe(text);
    }
    expect(asked).toEqual([]);
  });

  it('refuses a model without states', async () => {
    await using folder = await temporaryFolder();
    const { script } = scripted();
    const without = await scriptedModel(script);
    await expect(growValueSet(without, taskIn(folder.path), never)).rejects.toMatchObject({
      code: 'model.unsupported',
    });
  });
});

describe('a packed value set', () => {
  const shape = { componentCount: 2, bits: 8 } as const;

  it('lets another machine go on, and only ever adds parts', async () => {
    await using folder = await temporaryFolder();
    const packedFolder = path.join(folder.path, 'packed');
    const { script, asked } = scripted();
    const early = taskIn(path.join(folder.path, 'first'), { questions: questions.slice(0, 5) });
    await growValueSet(await modelOf(script), early, never);
    const packing = { statesPath: early.statesPath, folder: packedFolder, ...shape };
    expect(await packValueSet(packing)).toMatchObject({ questionCount: 5, addedQuestions: 5 });
    const [part, basis] = [path.join(packedFolder, 'part-001.bin.br'), path.join(packedFolder, 'basis.bin')];
    const before = [await readFile(part), await readFile(basis)];
    expect(await packValueSet(packing)).toMatchObject({ questionCount: 5, addedQuestions: 0 });

    asked.length = 0;
    const packed = await PackedValueSet.open(packedFolder);
    const late = taskIn(path.join(folder.path, 'second'), { packed });
    expect(await growValueSet(await modelOf(script), late, never)).toEqual({
      questionCount,
      sampledNow: questionCount - 5,
    });
    expect(asked).toHaveLength(3 * (questionCount - 5));
    const added = await packValueSet({ ...packing, statesPath: late.statesPath, componentCount: 1 });
    expect(added).toMatchObject({ questionCount, addedQuestions: questionCount - 5 });
    expect([await readFile(part), await readFile(basis)]).toEqual(before);

    const whole = taskIn(path.join(folder.path, 'whole'));
    await growValueSet(await modelOf(script), whole, never);
    const expected = await readAll(whole.statesPath);
    const set = await PackedValueSet.open(packedFolder);
    let seen = 0;
    for await (const { scores, ...question } of set?.questions() ?? []) {
      const { states, ...same } = expected.find(({ id }) => id === question.id) ?? { states: [] };
      expect(question).toEqual(same);
      expect(scores).toHaveLength(states.length);
      expect(scores.every((each) => each.length === 2)).toBe(true);
      seen += 1;
    }
    expect(seen).toBe(questionCount);
    const other = { ...late, packed: set, plan: { ...late.plan, seed: 9 } };
    await expect(growValueSet(await modelOf(script), other, never)).rejects.toMatchObject({
      code: 'calibration.mismatch',
    });
  });

  it('says so where a file of it is damaged, and is null where there is none', async () => {
    await using folder = await temporaryFolder();
    const { script } = scripted();
    const task = taskIn(folder.path, { questions: questions.slice(0, 2) });
    await growValueSet(await modelOf(script), task, never);
    const packedFolder = path.join(folder.path, 'packed');
    const many = { statesPath: task.statesPath, folder: packedFolder, ...shape, componentCount: 100 };
    await expect(packValueSet(many)).rejects.toMatchObject({ code: 'calibration.unbalanced' });
    expect(await PackedValueSet.open(packedFolder)).toBeNull();
    await packValueSet({ statesPath: task.statesPath, folder: packedFolder, ...shape });
    await appendFile(path.join(packedFolder, 'part-001.bin.br'), 'x');
    const set = await PackedValueSet.open(packedFolder);
    await expect(set?.questionHashes()).rejects.toMatchObject({ code: 'calibration.mismatch' });
    await writeFile(path.join(packedFolder, 'manifest.json'), '{"set":{}}');
    await expect(PackedValueSet.open(packedFolder)).rejects.toMatchObject({ code: 'calibration.mismatch' });
  });
});
