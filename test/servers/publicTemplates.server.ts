import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { templatesFolder } from '../../lab/bench/baselines/llamaCppTools.ts';
import type { ThinkingForm } from '../../protocol/thinking.ts';
import type { ChatMessage } from '../../sidecar/engine/engine.ts';
import { compileTemplate, renderTemplate } from '../../sidecar/engine/llama/templating/boundedTemplate.ts';
import { detectThinking } from '../../sidecar/engine/thinkingFormats.ts';
import {
  noThought,
  thoughtEnding,
  type ThoughtRequest,
  thoughtVariables,
  withThoughtWord,
} from '../../sidecar/prompts/thoughtRequest.ts';
import { serverProgram } from '../support/server/realServer.ts';

/** The public templates that llama.cpp's source has. */
let templates: readonly { readonly name: string; readonly template: string }[];
beforeAll(async () => {
  const folder = templatesFolder(path.dirname(await serverProgram()));
  const names = (await readdir(folder)).filter((name) => name.endsWith('.jinja'));
  templates = await Promise.all(
    names.map(async (name) => ({ name, template: await readFile(path.join(folder, name), 'utf8') })),
  );
});

const detect = (template: string) => detectThinking({ template, architecture: null });
const asked: readonly ChatMessage[] = [{ role: 'user', content: 'Why?' }];
const thinking = { thinks: true, level: null };

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

function templateOf(start: string): string {
  const found = templates.find(({ name }) => name.startsWith(start));
  if (found === undefined) throw new Error(`There is no template of ${start}.`);
  return found.template;
}

describe('a public template', () => {
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
