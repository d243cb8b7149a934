import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generatedTokenCount } from '../../protocol/budget.ts';
import { type StrategyId, strategyTable } from '../../protocol/strategyTable.ts';
import type { Engine, Model } from '../../sidecar/engine/engine.ts';
import { mainBlock } from '../../sidecar/reasoning/answers/codeFence.ts';
import type { AutoTable } from '../../sidecar/reasoning/difficulty/autoTable.ts';
import type { AskRequest } from '../../sidecar/reasoning/run/requestRunner.ts';
import { type Asked, askModel } from '../support/engine/askedModel.ts';
import { changeRequest, type FlatRequest } from '../support/engine/scriptedRequest.ts';
import { createRealEngine, installedModelPath, loadForTest } from '../support/engine/realEngine.ts';

const generatedTokens = 240;
const question = 'A box holds 4 red and 3 blue pens. How many pens do 5 such boxes hold?';

/** Those whose candidates share more than the prompt, or whose answers the model judges. */
const searches = strategyTable
  .map(({ id }) => id)
  .filter((id): id is StrategyId => !['auto', 'direct', 'chainOfThought', 'selfConsistency'].includes(id));

let engine: Engine;
let model: Model;

beforeAll(async () => {
  engine = createRealEngine();
  model = await loadForTest(engine, await installedModelPath('qwen2.5-coder-0.5b'));
});

afterAll(() => engine.dispose());

/** Runs a question that all of these settings are put together for. */
function run(
  change: FlatRequest & Pick<AskRequest, 'strategy'>,
  tables?: readonly AutoTable[],
): Promise<Asked> {
  const request = changeRequest(
    {
      requestId: change.strategy,
      question,
      attachment: null,
      strategy: change.strategy,
      candidateCount: 3,
      seed: 5,
      difficulty: null,
      sequenceOptions: { priority: 'background' },
      choices: { maxThoughtTokens: 96, budget: { generatedTokens, answerTokensPerCandidate: 24 } },
    },
    { selector: 'majority', stepSearch: { maxSteps: 4 }, ...change },
  );
  return askModel(model, request, { tables });
}

describe('on a real model', () => {
  it.each(searches)('%s answers within its budget, and its trace and its ledger agree', async (strategy) => {
    const { result, events, state } = await run({ strategy });
    expect(result.reason).toMatch(/^(?:answered|budgetExhausted)$/u);
    expect(result.text).not.toBe('');
    expect(state.selected?.text).toBe(result.text);
    expect(state.candidates.map(({ end }) => end)).not.toContain(null);
    const written = state.candidates.reduce((sum, { tokenCount }) => sum + tokenCount, 0);
    const { verification } = result.ledger.tokens;
    expect(generatedTokenCount(result.ledger)).toBe(written + verification);
    expect(generatedTokenCount(result.ledger)).toBeLessThanOrEqual(generatedTokens);
    // What candidates share is decoded once: no forked candidate reads a prompt of its own.
    if (strategy === 'stepBeam' || strategy === 'aStar') {
      const cues = events.reduce((sum, e) => (e.type === 'cue/appended' ? sum + e.tokenCount : sum), 0);
      expect(state.ledger.tokens.prompt).toBe((state.prefill?.tokenCount ?? 0) + cues);
    }
    if (strategy === 'stepBeam') expect(state.candidates.some(({ parent }) => parent !== null)).toBe(true);
  });

  it('auto writes a function that is asked for, whole and in a fence, and the trace says why it was direct', async () => {
    const { result, state } = await run({
      strategy: 'auto',
      selector: null,
      question: 'Write a Python function double(n) that returns twice its argument.',
      temperature: 0,
      budget: { answerTokensPerCandidate: 240 },
    });
    expect(state.difficulty).toMatchObject({ strategy: 'direct', source: 'codeRequest' });
    expect(state.difficulty?.why).toContain('It asks for code');
    const code = mainBlock(result.text);
    expect(code?.language).toBe('python');
    expect(code?.text).toMatch(/^def double\(n\b.*\).*:\n(?: {4}.*\n|\n)* {4}return /mu);
    expect(result.answer).toBe(code?.text);
  });

  it.each(['stepBeam', 'direct'] as const)(
    'auto that is led to %s gives its probe prefix up and finds the prompt in the cache',
    async (strategy) => {
      const profile = { strategy, temperature: 0.6, tokenShare: 1, candidates: 2 } as const;
      const table = { version: 1, default: { easy: profile, normal: profile, hard: profile }, models: {} };
      const { result, events, state } = await run({ strategy: 'auto', selector: null }, [table]);
      expect(state.difficulty).toMatchObject({ strategy, source: 'entropyRule' });
      expect(state.candidates[0]?.end).toBe('pruned');
      const prefills = events.filter((event) => event.type === 'prefill/finished');
      expect(prefills).toHaveLength(2);
      const [first, second] = prefills;
      // A direct question has no instruction behind it: it is the same up to there.
      const shared = Math.min(first?.tokenCount ?? 0, second?.tokenCount ?? 0);
      expect(second?.cachedTokenCount).toBeGreaterThan(shared / 2);
      expect(generatedTokenCount(result.ledger)).toBeLessThanOrEqual(generatedTokens);
      expect(result.text).not.toBe('');
    },
  );
});
