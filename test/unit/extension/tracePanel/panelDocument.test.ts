import { describe, expect, it } from 'vitest';
import { panelDocument } from '../../../../extension/tracePanel/panelDocument.ts';
import { parsePanelMessage } from '../../../../extension/tracePanel/panelMessage.ts';

const page = panelDocument({
  scriptUri: 'https://host/panel.js',
  styleUri: 'https://host/panel.css',
  cspSource: 'https://host',
  nonce: 'n0nce',
});

describe('panelDocument', () => {
  it('runs one script, by nonce, and nothing inline', () => {
    expect(page.match(/<script/g)).toHaveLength(1);
    expect(page).toContain('<script nonce="n0nce" src="https://host/panel.js"></script>');
    expect(page).toContain(`script-src 'nonce-n0nce'`);
    expect(page).not.toContain('unsafe-');
  });

  it('allows no source that it does not name', () => {
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1];
    expect(policy?.split('; ')).toEqual([
      `default-src 'none'`,
      `script-src 'nonce-n0nce'`,
      'style-src https://host',
      `base-uri 'none'`,
      `form-action 'none'`,
    ]);
  });
});

describe('parsePanelMessage', () => {
  it('takes the messages of the panel', () => {
    const message = { type: 'trace/open', requestId: 'r1' };
    expect(parsePanelMessage(message)).toBe(message);
  });

  it('takes code with the question that it answers', () => {
    const message = { type: 'code/applied', requestId: 'r1', code: 'x = 1' };
    expect(parsePanelMessage(message)).toBe(message);
  });

  it.each([
    [null],
    ['panel/ready'],
    [{}],
    [[]],
    [{ type: 'toString' }],
    [{ type: 'trace/snapshot' }],
    [{ type: 'code/copied' }],
    [{ type: 'code/inserted', code: 1 }],
    [{ type: 'code/applied', requestId: 'r1' }],
    [{ type: 'code/applied', code: 'x = 1' }],
  ])('drops %j', (message) => {
    expect(parsePanelMessage(message)).toBeNull();
  });
});
