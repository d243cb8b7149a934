import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SidecarProcess } from '../support/sidecar/sidecarProcess.ts';

const uri = 'file:///sum.py';
const source = 'def add(first, second):\n    return ';
const complete = {
  textDocument: { uri },
  position: { line: 1, character: 11 },
  trigger: 'automatic',
} as const;
const story = {
  question: 'Tell a long story about a lighthouse.',
  strategy: 'direct',
  budget: { answerTokensPerCandidate: 1500 },
} as const;

describe('a model for questions and one for completions', () => {
  let sidecar: SidecarProcess;
  beforeAll(async () => {
    sidecar = await SidecarProcess.ready({
      settings: { model: 'smollm2-135m', completionModel: 'qwen2.5-coder-0.5b', contextTokens: 2048 },
    });
    await sidecar.until(
      () => sidecar.healths.at(-1)?.completions?.state === 'ready',
      'the model for completions',
    );
    await sidecar.open(uri, source);
  });
  afterAll(() => sidecar[Symbol.asyncDispose]());

  test('each does its own work, and typing goes first', async () => {
    const asked = sidecar.ask(story);
    await asked.whenEvent('tokens/appended');
    const tokensBy = (): number =>
      asked.events.reduce(
        (sum, event) => sum + (event.type === 'tokens/appended' ? event.tokens.texts.length : 0),
        0,
      );
    const first = await sidecar.request('entropane/complete', complete);
    expect(first.report.model).toContain('qwen2.5-coder-0.5b');
    expect(first.report.generatedTokenCount).toBeGreaterThan(0);
    // The question was still running, and goes on.
    const soFar = tokensBy();
    expect(asked.events.some(({ type }) => type === 'request/finished')).toBe(false);
    await sidecar.until(() => tokensBy() > soFar, 'more of the answer');
    asked.cancellation.cancel();
    const { model } = await asked.result;
    expect(model).toContain('smollm2-135m');
  });

  test('are both in the list of models and in the doctor’s report', async () => {
    const listed = await sidecar.request('entropane/models/list', null);
    const busy = listed.filter(({ roles }) => roles.length > 0);
    expect(busy).toMatchObject([
      { name: 'smollm2-135m', roles: ['questions'], state: 'ready' },
      { name: 'qwen2.5-coder-0.5b', roles: ['completions'], state: 'ready' },
    ]);
    for (const { tokensPerSecond } of busy) expect(tokensPerSecond).toBeGreaterThan(0);
    const { findings } = await sidecar.request('entropane/doctor', null);
    expect(findings.find(({ subject }) => subject === 'Completions')?.detail).toMatch(
      /^qwen.*ready.*tok\/s/u,
    );
    expect(findings.find(({ subject }) => subject === 'Questions')?.detail).toMatch(/^smollm.*ready/u);
  });

  test('become one when the settings say so, without a load', async () => {
    const { healths } = sidecar;
    await sidecar.connection.sendNotification('entropane/settings/changed', { completionModel: '' });
    await sidecar.until(() => healths.at(-1)?.completions === undefined, 'one model for all');
    expect(healths.at(-1)).toMatchObject({ state: 'ready', modelName: 'smollm2-135m' });
  });
});

test('a model for completions that does not fit is not loaded, and health says what that means', async () => {
  await using sidecar = await SidecarProcess.ready({
    settings: {
      model: 'smollm2-135m',
      completionModel: 'qwen2.5-coder-0.5b',
      contextTokens: 512,
      // Enough for the first, with prompts that are kept, and for nothing beside it.
      memoryBytesLimit: 350 * 2 ** 20,
    },
  });
  await sidecar.until(
    () => sidecar.healths.at(-1)?.completions === undefined && noteOf(sidecar) !== undefined,
    'a note on the model for completions',
  );
  expect(noteOf(sidecar)).toMatch(/The model needs \d+ MiB.*loaded are .*smollm2-135m/u);
  expect(sidecar.healths.at(-1)).toMatchObject({ state: 'ready', modelName: 'smollm2-135m' });
  expect(sidecar.stderr).toMatch(/loaded .*smollm/iu);
  expect(sidecar.stderr).not.toMatch(/loaded .*qwen/iu);
});

function noteOf({ healths }: SidecarProcess): string | undefined {
  const health = healths.at(-1);
  return health?.state === 'ready'
    ? health.notes.find((note) => note.includes('writes completions too'))
    : undefined;
}
