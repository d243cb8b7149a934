import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { ChatFormat } from '../../sidecar/engine/llama/templating/boundedTemplate.ts';
import { templateLimits } from '../../sidecar/engine/llama/templating/templateLimits.ts';
import { TemplateRenderer } from '../../sidecar/engine/llama/templating/templateRenderer.ts';
import { systemClock } from '../../sidecar/process/clock.ts';
import { unhurried } from '../support/engine/generating.ts';
import { checkout } from '../support/machine/manifest.ts';

const bundleFolder = path.join(checkout, 'dist');
const contextTokens = 2048;

const chat = (template: string | null): ChatFormat => ({ template, beginText: '<s>', endText: '</s>' });
const order = (template: string | null, context = contextTokens) => ({
  format: chat(template),
  messages: [{ role: 'user', content: 'Hi.' }] as const,
  variables: {},
  contextTokens: context,
});
const plain = order("{% for message in messages %}{{ bos_token + message['content'] }}{% endfor %}");
const endless = order(
  '{% for a in range(9999) %}{% for b in range(9999) %}{% for c in range(9999) %}' +
    '{% endfor %}{% endfor %}{% endfor %}',
);
/** Variables that fit one by one, each a quarter of a megabyte. */
const manyLists = order(
  `{% set list = range(30000) %}${Array.from({ length: 500 }, (_, i) => `{% set x${i} = list + [] %}`).join('')}`,
);

describe('a renderer of chat templates', () => {
  const renderer = new TemplateRenderer(bundleFolder);
  afterAll(() => renderer.dispose());

  test('renders with the model’s own texts', async () => {
    expect(await renderer.render(plain, unhurried)).toBe('<s>Hi.');
  });

  test('refuses a model without a template, and passes on what a template refuses', async () => {
    await expect(renderer.render(order(null), unhurried)).rejects.toMatchObject({
      code: 'model.unsupported',
    });
    for (const template of ["{{ raise_exception('no system turn') }}", '{% for %}', '{{ '.repeat(20_000)]) {
      const refused = renderer.render(order(template), unhurried);
      await expect(refused, template.slice(0, 40)).rejects.toMatchObject({ code: 'model.unsupported' });
    }
    await expect(
      renderer.render(order("{{ raise_exception('no system turn') }}"), unhurried),
    ).rejects.toThrow('no system turn');
  });

  test.each([
    ['nested loops', 'template.tooSlow', endless],
    [
      'a string that doubles',
      'template.tooLarge',
      order(
        "{% set ns = namespace(x='a') %}{% for i in range(99) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}",
      ),
    ],
    [
      'output without end',
      'template.tooLarge',
      order('{% for a in range(9999) %}{% for b in range(9999) %}abcdefgh{% endfor %}{% endfor %}'),
    ],
  ])('%s: fails with %s, and the next prompt is rendered', async (_what, code, hostile) => {
    const before = systemClock.now();
    const failed = renderer.render(hostile, unhurried);
    // Asked for meanwhile, and rendered by the next thread.
    const later = renderer.render(plain, unhurried);
    await expect(failed).rejects.toMatchObject({ code });
    // The limit, and what a busy machine adds to it.
    expect(systemClock.now() - before).toBeLessThan(templateLimits.durationMs + 8000);
    expect(await later).toBe('<s>Hi.');
  });

  test.each([
    [
      'texts that a filter makes long',
      "{% set s = range(9999) | join('x' * 1) %}{{ range(60000) | join(s) }}",
    ],
    ['an indent of a billion', "{{ 'a\\nb' | indent(10**9) }}"],
    [
      'a replacement that multiplies',
      "{% set s = range(9999)|join %}{{ s.replace('1', s).replace('2', s) }}",
    ],
    ['an object as text with a billion spaces', "{{ {'a': {'b': 1}} | tojson(indent=10**9) }}"],
    ['a division by itself', '{{ 1 // 0 }}{{ (2 ** 1000) ** 2 }}'],
    [
      'namespaces inside one another',
      '{% macro m(n, d) %}{% if d > 0 %}{{ m(namespace(a=n, b=n), d - 1) }}{% else %}{{ n | tojson }}{% endif %}{% endmacro %}' +
        "{{ m(namespace(a='x'), 40) }}",
    ],
    ['recursion without end', '{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}'],
  ])('%s: fails with a code, and the process lives', async (_what, template) => {
    const outcome = renderer.render(order(template), unhurried).catch((thrown: unknown) => thrown);
    expect(await outcome).toMatchObject({
      code: expect.stringMatching(/^(template\..+|model\.unsupported)$/) as unknown,
    });
    expect(await renderer.render(plain, unhurried)).toBe('<s>Hi.');
  });

  test('ends at once when it is cancelled, and goes on with the next prompt', async () => {
    const cancellation = new AbortController();
    const running = renderer.render(endless, cancellation.signal);
    const waiting = renderer.render(endless, cancellation.signal);
    const next = renderer.render(plain, unhurried);
    const before = systemClock.now();
    cancellation.abort();
    await expect(running).rejects.toMatchObject({ code: 'cancelled' });
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
    expect(systemClock.now() - before).toBeLessThan(templateLimits.durationMs);
    expect(await next).toBe('<s>Hi.');
  });
});

/** A variable `z` of 2^doublings letters. */
const letters = (doublings: number): string =>
  "{% set ns = namespace(z='b') %}" +
  `{% for i in range(${doublings}) %}{% set ns.z = ns.z + ns.z %}{% endfor %}{% set z = ns.z %}`;

describe.each([2048, 32_768, 131_072])('a template that asks for too much memory, context %i', (context) => {
  const renderer = new TemplateRenderer(bundleFolder);
  afterAll(() => renderer.dispose());

  test.each([
    ['a long list joined', `${letters(10)}{% set y = range(250000) | join(z) %}`],
    ['a list joined with a long text', `${letters(16)}{% set y = range(3000) | join(z) %}`],
    ['a long text replaced', `${letters(14)}{% set y = z | replace('b', z) %}`],
    ['a long text replaced by a method', `${letters(14)}{% set y = z.replace('b', z) %}`],
    ['a wide indent', `${letters(12)}{% set y = z.replace('b', 'b\n') | indent(50000) %}`],
    ['objects with a wide indent as text', `{% set y = range(4000) | list | tojson(indent=50000) %}`],
    [
      'a text that doubles',
      "{% set ns = namespace(z='b') %}{% for i in range(29) %}{% set ns.z = ns.z ~ ns.z %}{% endfor %}",
    ],
    ['many capitals', `${letters(16)}{% set y = [${Array(4000).fill('z | upper').join(', ')}] %}`],
    [
      'a list that doubles',
      '{% set ns = namespace(l=[1]) %}{% for i in range(28) %}{% set ns.l = ns.l + ns.l %}{% endfor %}',
    ],
    ['a long range', '{% set x = range(10**8) | list %}'],
  ])('%s: fails with a code, and the process lives', async (_what, template) => {
    const outcome = renderer.render(order(template, context), unhurried).catch((thrown: unknown) => thrown);
    expect(await outcome).toMatchObject({
      code: expect.stringMatching(/^template\./) as unknown,
    });
    expect(await renderer.render(plain, unhurried)).toBe('<s>Hi.');
  });
});

test('a single operation that makes 390 MB ends the rendering, and is not measured afterwards', async () => {
  const renderer = new TemplateRenderer(bundleFolder, { ...templateLimits, durationMs: 15_000 });
  const joined = order(`${letters(16)}{% set y = range(6000) | join(z) %}`);
  await expect(renderer.render(joined, unhurried)).rejects.toMatchObject({ code: 'template.tooMuchMemory' });
  expect(await renderer.render(plain, unhurried)).toBe('<s>Hi.');
  await renderer.dispose();
});

test('the process ends with its parent, in the middle of a template too', async () => {
  const child = spawn(process.execPath, [path.join(bundleFolder, 'templateProgram.cjs')], {
    stdio: ['pipe', 'ignore', 'ignore', 'ipc'],
  });
  const ended = once(child, 'exit');
  expect(await once(child, 'message')).toContainEqual({ type: 'ready' });
  const { format, messages } = endless;
  child.send({ ...format, messages, variables: {}, maxCharacters: 1000 });
  child.stdin?.destroy();
  expect(await ended).toEqual([null, 'SIGKILL']);
});

test('lists that fill the memory end the rendering, whatever time there is', async () => {
  const patient = new TemplateRenderer(bundleFolder, { ...templateLimits, durationMs: 15_000 });
  await expect(patient.render(manyLists, unhurried)).rejects.toMatchObject({
    code: 'template.tooMuchMemory',
  });
  expect(await patient.render(plain, unhurried)).toBe('<s>Hi.');
  await patient.dispose();
});

test('a renderer that is disposed renders nothing more', async () => {
  const renderer = new TemplateRenderer(bundleFolder);
  const running = renderer.render(endless, unhurried);
  const failed = expect(running).rejects.toMatchObject({ code: 'engine.failed' });
  await renderer.dispose();
  await failed;
  await expect(renderer.render(plain, unhurried)).rejects.toMatchObject({ code: 'engine.failed' });
});
