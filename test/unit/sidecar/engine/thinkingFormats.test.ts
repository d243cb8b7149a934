import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { builtToolsFolder, templatesFolder } from '../../../../lab/bench/baselines/llamaCppTools.ts';
import { cacheFolder } from '../../../../lab/bench/cacheFolder.ts';
import type { ThinkingForm } from '../../../../protocol/thinking.ts';
import type { ChatMessage } from '../../../../sidecar/engine/engine.ts';
import {
  compileTemplate,
  renderTemplate,
} from '../../../../sidecar/engine/llama/templating/boundedTemplate.ts';
import { detectThinking } from '../../../../sidecar/engine/thinkingFormats.ts';
import {
  noThought,
  thoughtEnding,
  type ThoughtRequest,
  thoughtVariables,
  withThoughtWord,
} from '../../../../sidecar/prompts/thoughtRequest.ts';
import { thinkerTemplate } from '../../../support/modelFiles/randomThinker.ts';

const detect = (template: string | null, architecture: string | null = null) =>
  detectThinking({ template, architecture });

describe('detectThinking', () => {
  it('finds the markers and the switch of a template', () => {
    expect(detect(thinkerTemplate)).toMatchObject({
      form: 'think',
      open: '<think>\n',
      close: '</think>',
      switch: { kind: 'variable', name: 'enable_thinking' },
      efforts: null,
      dropsEarlier: true,
    });
  });

  it('takes a model without markers as one without a thinking mode', () => {
    expect(detect(null)).toBeNull();
    expect(detect('')).toBeNull();
    expect(detect('{{ messages[0].content }}')).toBeNull();
    expect(detect('{# writes </think> at times #}{{ messages[0].content }}')).toBeNull();
  });

  it('reads no template as a program, and no broken one as an error', () => {
    expect(detect("{% if enable_thinking %}{{ '<think></think>' ")).toMatchObject({ form: 'think' });
    expect(detect("{{ raise_exception('no') }}")).toBeNull();
  });

  it('tells a variable from a member of a message', () => {
    const close = "{{ '</think>' }}";
    expect(detect(`{% if message.thinking %}${close}{% endif %}`)?.switch).toBeNull();
    expect(detect(`{% if thinking %}${close}{% endif %}`)?.switch).toMatchObject({ name: 'thinking' });
    expect(detect(`{% if not thinking is defined %}${close}{% endif %}`)?.switch).toMatchObject({
      name: 'thinking',
    });
    expect(detect(`{% if '/no_think' in system %}${close}{% endif %}`)?.switch).toMatchObject({
      kind: 'word',
    });
  });

  it('finds the levels that a template passes on', () => {
    const any =
      "{{ 'Reasoning: ' + reasoning_effort + '</think>' }}{% if reasoning_effort is not defined %}{% endif %}";
    expect(detect(any)?.efforts).toEqual({
      variable: 'reasoning_effort',
      levels: ['low', 'medium', 'high'],
    });
    const high = "{% if reasoning_effort == 'high' %}</think>{% endif %}";
    expect(detect(high)?.efforts?.levels).toEqual(['high']);
  });

  it('knows whether a template keeps earlier thoughts', () => {
    const keeps = "{{ '<think>' + message.reasoning_content + '</think>' }}";
    expect(detect(keeps)?.dropsEarlier).toBe(false);
    expect(detect(`{% if loop.index0 > ns.last_query_index %}${keeps}{% endif %}`)?.dropsEarlier).toBe(true);
    expect(detect("{{ content.split('</think>')[-1] }}")?.dropsEarlier).toBe(true);
  });

  it('goes by the architecture where that is trained on one form', () => {
    expect(detect('{{ messages }}', 'gpt-oss')?.form).toBe('harmony');
  });

  it('lets the user put another form in its place, or none', () => {
    const evidence = { template: thinkerTemplate, architecture: 'qwen3' };
    expect(detectThinking(evidence, 'none')).toBeNull();
    expect(detectThinking(evidence, 'mistralThink')).toMatchObject({
      form: 'mistralThink',
      close: '[/THINK]',
    });
    expect(detectThinking({ template: null, architecture: null }, 'think')?.form).toBe('think');
  });
});

const folder = templatesFolder(builtToolsFolder(cacheFolder(process.env)));
const isAtHand = existsSync(folder);
/** Those that have no closing marker of the table, or that Jinja here cannot render without tools. */
const render = (
  template: string,
  messages: readonly ChatMessage[],
  thought: ThoughtRequest | null,
): string => {
  const format = detect(template);
  return renderTemplate(compileTemplate(template), {
    messages: thought === null || format === null ? messages : withThoughtWord(messages, format, thought),
    variables: thought === null || format === null ? {} : thoughtVariables(format, thought),
    maxCharacters: 100_000,
    beginText: '<s>',
    endText: '</s>',
    now: new Date(0),
  });
};

/** Public templates from llama.cpp's source, which the build of its tools leaves in the cache. */
describe.skipIf(!isAtHand)(`public templates in ${folder}`, () => {
  const templates = isAtHand
    ? readdirSync(folder)
        .filter((name) => name.endsWith('.jinja'))
        .map((name) => ({ name, template: readFileSync(path.join(folder, name), 'utf8') }))
    : [];
  const templateOf = (start: string): string => {
    const found = templates.find(({ name }) => name.startsWith(start));
    if (found === undefined) throw new Error(`There is no template of ${start}.`);
    return found.template;
  };
  const asked: readonly ChatMessage[] = [{ role: 'user', content: 'Why?' }];
  const thinking = { thinks: true, level: null };

  test.each<[string, ThinkingForm, string | null, boolean]>([
    ['Qwen-Qwen3-0.6B', 'think', 'enable_thinking', false],
    ['deepseek-ai-DeepSeek-R1-Distill-Llama-8B', 'think', null, true],
    ['deepseek-ai-DeepSeek-R1-Distill-Qwen-32B', 'think', 'enable_thinking', true],
    ['openai-gpt-oss-120b', 'harmony', null, false],
  ])('%s thinks as %s, switched by %s, and drops earlier thoughts', (start, form, name, opens) => {
    const template = templateOf(start);
    const format = detect(template);
    expect(format).toMatchObject({ form, dropsEarlier: true });
    expect(format?.switch?.kind === 'variable' ? format.switch.name : null).toBe(name);
    const open = format?.open.trimEnd() ?? '';
    expect(render(template, asked, thinking).trimEnd().endsWith(open)).toBe(opens);
  });

  test('gpt-oss takes three levels', () => {
    const template = templateOf('openai-gpt-oss');
    expect(detect(template)?.efforts?.levels).toEqual(['low', 'medium', 'high']);
    expect(render(template, asked, { thinks: true, level: 'high' })).toContain('Reasoning: high');
  });

  test('all that think are opened or closed by what is put after them', () => {
    const forms = templates.flatMap(({ name, template }) => {
      const format = detect(template);
      return format === null ? [] : [{ name, template, format }];
    });
    expect(forms.length).toBeGreaterThan(30);
    let rendered = 0;
    for (const { template, format } of forms) {
      for (const thought of [thinking, noThought]) {
        let text: string;
        try {
          text = render(template, asked, thought);
        } catch {
          // Two want what only their own libraries give.
          continue;
        }
        rendered += 1;
        const whole = (text + thoughtEnding(text, format, thought)).trimEnd();
        const { open, close } = format;
        expect(whole.endsWith(thought.thinks ? open.trimEnd() : close)).toBe(true);
      }
    }
    expect(rendered).toBeGreaterThan(60);
  });

  test('none keeps an earlier thought that is said to drop it', () => {
    const turns: readonly ChatMessage[] = [
      ...asked,
      { role: 'assistant', content: 'So.', thought: 'FORMER' },
      { role: 'user', content: 'And?' },
    ];
    const keeping = templates.filter(({ template }) => {
      if (detect(template)?.dropsEarlier !== true) return false;
      try {
        return render(template, turns, thinking).includes('FORMER');
      } catch {
        return false;
      }
    });
    expect(keeping.map(({ name }) => name)).toEqual([]);
  });
});
