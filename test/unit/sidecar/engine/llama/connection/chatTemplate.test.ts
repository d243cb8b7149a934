import { describe, expect, it } from 'vitest';
import { renderChat } from '../../../../../../sidecar/engine/llama/connection/chatTemplate.ts';

const chatml =
  "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}" +
  "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

const format = (template: string | null) => ({ template, beginText: '<s>', endText: '</s>' });

describe('renderChat', () => {
  it('ends where the assistant begins', () => {
    expect(renderChat(format(chatml), [{ role: 'user', content: 'Hi' }])).toBe(
      '<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n',
    );
  });

  it('knows the begin and end texts', () => {
    expect(renderChat(format('{{ bos_token }}x{{ eos_token }}'), [])).toBe('<s>x</s>');
  });

  it('refuses a model without a template, and a template that refuses', () => {
    const codeOf = (template: string | null): unknown => {
      try {
        return renderChat(format(template), [{ role: 'system', content: 'x' }]);
      } catch (thrown) {
        return thrown;
      }
    };
    expect(codeOf(null)).toMatchObject({ code: 'model.unsupported' });
    expect(codeOf("{{ raise_exception('no system turn') }}")).toMatchObject({ code: 'model.unsupported' });
  });
});
