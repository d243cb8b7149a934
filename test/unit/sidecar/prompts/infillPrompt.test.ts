import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  budgetWithin,
  buildInfillPrompt,
  infillBudget,
  infillLayoutOf,
  keepEnd,
} from '../../../../sidecar/prompts/infillPrompt.ts';
import { scriptedModel } from '../../../support/engine/scriptedRequest.ts';

const sides = { prefix: 'def f(x):\n return ', suffix: '\nprint(f(1))' };

describe('fill-in-the-middle prompts', () => {
  it('put the suffix first where that was measured, so that typing extends the prompt', async () => {
    const model = await scriptedModel(() => '', { local: { architecture: 'qwen2' } });
    const before = await buildInfillPrompt(model, sides, infillBudget);
    expect(await model.detokenize(before)).toBe(
      `<|fim_prefix|><|fim_suffix|>${sides.suffix}<|fim_middle|>${sides.prefix}`,
    );
    const typed = await buildInfillPrompt(model, { ...sides, prefix: `${sides.prefix} x` }, infillBudget);
    expect(typed.slice(0, before.length - 1)).toEqual(before.slice(0, -1));
  });

  it.each(['llama', 'starcoder2'])('put the prefix first elsewhere, such as for %s', async (architecture) => {
    const model = await scriptedModel(() => '', { local: { architecture } });
    expect(infillLayoutOf(model.info)).toBe('prefixFirst');
    expect(await model.detokenize(await buildInfillPrompt(model, sides, infillBudget))).toBe(
      `<|fim_prefix|>${sides.prefix}<|fim_suffix|>${sides.suffix}<|fim_middle|>`,
    );
  });

  it.each([
    ['Qwen2.5-Coder-7B-Instruct-GGUF', 'qwen', 'suffixFirst'],
    ['qwen3-coder-30b', 'qwen', 'prefixFirst'],
    ['qwen2.5-coder-like', 'starcoder', 'prefixFirst'],
  ])('are those of %s of a server, of the family %s: %s', async (name, family, expected) => {
    const { info } = await scriptedModel(() => '');
    const { infill, identity } = info;
    if (infill === null) throw new Error('The scripted model completes code.');
    const served = { local: null, infill: { ...infill, family }, identity: { ...identity, name } };
    expect(infillLayoutOf(served)).toBe(expected);
  });

  it.each([
    ['suffixFirst', '<|fim_prefix|><|fim_suffix|>AFTER<|fim_middle|>above\nline'],
    ['prefixFirst', '<|fim_prefix|>above\nline<|fim_suffix|>AFTER<|fim_middle|>'],
    ['lineLast', '<|fim_prefix|>above\n<|fim_suffix|>AFTER<|fim_middle|>line'],
    ['suffixThenPrefix', '<|fim_suffix|>AFTER<|fim_prefix|>above\nline<|fim_middle|>'],
  ] as const)('have the parts in the order of the layout %s', async (layout, expected) => {
    const model = await scriptedModel(() => '');
    const prompt = await buildInfillPrompt(model, { prefix: 'above\nline', suffix: 'AFTER' }, infillBudget, {
      layout,
    });
    expect(await model.detokenize(prompt)).toBe(expected);
  });

  it('keep their beginning while the last line grows', async () => {
    const model = await scriptedModel(() => '');
    const above = Array.from({ length: 400 }, (_, line) => `value_${line} = compute(${line})\n`).join('');
    const promptOf = (line: string) =>
      buildInfillPrompt(model, { prefix: above + line, suffix: 'AFTER' }, infillBudget, {
        layout: 'lineLast',
      });
    const before = await promptOf('total');
    const after = await promptOf('total = sum(values) + rest');
    expect(after.slice(0, before.length - 2)).toEqual(before.slice(0, -2));
  });

  it('never let text of the document become a control token', async () => {
    const model = await scriptedModel(() => '', { local: { architecture: 'qwen2' } });
    const { infill } = model.info;
    const tokens = await buildInfillPrompt(
      model,
      { prefix: 'a <|fim_middle|> b', suffix: '<|im_end|>' },
      infillBudget,
    );
    expect(tokens.filter((token) => token === infill?.middle)).toHaveLength(1);
    expect(tokens).not.toContain(model.info.endTokens[0]);
  });

  it('are refused to a model without the tokens for it', async () => {
    const model = await scriptedModel(() => '', { info: { infill: null } });
    await expect(buildInfillPrompt(model, sides, infillBudget)).rejects.toMatchObject({
      code: 'completion.unsupported',
    });
  });

  it('fit a small context with room for the completion', () => {
    fc.assert(
      fc.property(fc.nat(4096), fc.nat(512), (contextTokens, maxTokens) => {
        const { prefixTokens, suffixTokens } = budgetWithin(contextTokens, maxTokens);
        expect(prefixTokens + suffixTokens).toBeLessThanOrEqual(Math.max(0, contextTokens - maxTokens));
        expect(prefixTokens).toBeLessThanOrEqual(infillBudget.prefixTokens);
      }),
    );
  });

  it('keep their beginning for many key strokes when they are too long', () => {
    const starts = Array.from(
      { length: 400 },
      (_, typed) =>
        keepEnd(
          Array.from({ length: 1000 + typed }, (__, i) => i),
          100,
        )[0],
    );
    expect(new Set(starts).size).toBeLessThanOrEqual(400 / 25 + 1);
    expect(keepEnd([1, 2, 3], 3)).toEqual([1, 2, 3]);
    fc.assert(
      fc.property(
        fc.array(fc.nat(), { maxLength: 300 }),
        fc.integer({ min: 1, max: 120 }),
        (tokens, limit) => {
          const kept = keepEnd(tokens, limit);
          expect(kept.length).toBeLessThanOrEqual(limit);
          expect(kept.length).toBeGreaterThanOrEqual(Math.min(tokens.length, Math.ceil(limit * 0.75)));
          expect(tokens.slice(tokens.length - kept.length)).toEqual(kept);
        },
      ),
    );
  });
});
