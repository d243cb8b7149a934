import { describe, expect, it } from 'vitest';
import {
  compileTemplate,
  renderTemplate,
  TemplateTooLarge,
  type TemplateInput,
} from '../../../../../../sidecar/engine/llama/templating/boundedTemplate.ts';

const chatml =
  "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}" +
  "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

function render(template: string, changes: Partial<TemplateInput> = {}): string {
  return renderTemplate(compileTemplate(template), {
    messages: [],
    variables: {},
    beginText: '<s>',
    endText: '</s>',
    maxCharacters: 1000,
    now: new Date(2026, 6, 4, 9, 5),
    ...changes,
  });
}

describe('renderTemplate', () => {
  it('ends where the assistant begins', () => {
    expect(render(chatml, { messages: [{ role: 'user', content: 'Hi' }] })).toBe(
      '<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n',
    );
  });

  it('knows the begin and end texts, the date, and the constants in both spellings', () => {
    expect(render('{{ bos_token }}x{{ eos_token }}')).toBe('<s>x</s>');
    expect(render("{{ strftime_now('%d %b %Y, %H:%M; %B %q %%') }}")).toBe('04 Jul 2026, 09:05; July %q %');
    expect(render('{% if True and true and not none and None is none %}y{% endif %}')).toBe('y');
  });

  it('passes on what a template refuses', () => {
    expect(() => render("{{ raise_exception('no system turn') }}")).toThrow('no system turn');
    expect(() => compileTemplate('{% for %}')).toThrow();
  });

  it('counts as Python does', () => {
    const written = (range: string) => render(`{% for i in ${range} %}{{ i }} {% endfor %}`);
    expect(written('range(3)')).toBe('0 1 2 ');
    expect(written('range(2, 5)')).toBe('2 3 4 ');
    expect(written('range(5, 0, -2)')).toBe('5 3 1 ');
    expect(written('range(5, 2)')).toBe('');
    expect(() => written('range(1, 2, 0)')).toThrow('step');
  });
});

describe('what a template may write', () => {
  it('is as much as its bound, to the character', () => {
    const tenths = '{% for i in range(10) %}0123456789{% endfor %}';
    expect(render(tenths, { maxCharacters: 100 })).toHaveLength(100);
    expect(() => render(tenths, { maxCharacters: 99 })).toThrow(TemplateTooLarge);
  });

  it.each([
    [
      'a loop that writes',
      '{% for a in range(9999) %}{% for b in range(9999) %}abcd{% endfor %}{% endfor %}',
    ],
    [
      'a loop inside a macro',
      '{% macro m() %}{% for a in range(9999) %}abcd{% endfor %}{% endmacro %}{{ m() }}',
    ],
    ['a loop inside a captured block', '{% set x %}{% for a in range(9999) %}abcd{% endfor %}{% endset %}'],
    ['lists written as text', '{% for a in range(9999) %}{{ range(99) }}{% endfor %}'],
    ['numbers longer than they are counted', '{% for a in range(99) %}{{ 10 ** 20 }}{% endfor %}'],
  ])('ends %s', (_what, template) => {
    expect(() => render(template)).toThrow(TemplateTooLarge);
  });
});

describe('what a variable may hold', () => {
  const doubling = (start: string, step: string) =>
    `{% set ns = namespace(x=${start}) %}{% for i in range(99) %}{% set ns.x = ${step} %}{% endfor %}`;

  it.each([
    ['a text that doubles', doubling("'ab'", 'ns.x + ns.x')],
    ['a text that doubles by joining', doubling("'ab'", 'ns.x ~ ns.x')],
    ['a list that doubles', doubling('[1, 2]', 'ns.x + ns.x')],
    ['a list of itself, twice', doubling('[1, 2]', '[ns.x, ns.x]')],
    ['an object of itself, twice', doubling("{'a': 1}", "{'a': ns.x, 'b': ns.x}")],
    ['a range of a billion', '{% set x = range(10**9) %}'],
    ['a filtered text', "{% set x = range(60000) | join('0123456789') %}"],
  ])('ends %s', (_what, template) => {
    expect(() => render(template)).toThrow(TemplateTooLarge);
  });

  it('is more than it may write: a long text may be shortened', () => {
    expect(render("{% set x = range(9999) | join(',') %}{{ x[:5] }}")).toBe('0,1,2');
  });

  it('counts a namespace that contains itself once', () => {
    expect(render("{% set ns = namespace(a='1') %}{% set ns.b = ns %}{{ ns.b.b.a }}")).toBe('1');
  });
});
