import { describe, expect, it } from 'vitest';
import { detectThinking } from '../../../../sidecar/engine/thinkingFormats.ts';
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
