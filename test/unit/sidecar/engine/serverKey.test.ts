import { format, inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { describeSource, type ServerSource } from '../../../../sidecar/engine/engineSource.ts';
import { ServerKey } from '../../../../sidecar/engine/serverKey.ts';

const secret = 'sk-canary-71';
const source: ServerSource = {
  kind: 'server',
  address: 'http://127.0.0.1:8080',
  modelName: 'tiny',
  protocol: 'auto',
  key: new ServerKey(secret),
};

describe('a server key', () => {
  it('is given to who asks for it', () => {
    expect(source.key?.reveal()).toBe(secret);
  });

  it('shows itself in no way of printing', () => {
    const shown = [
      JSON.stringify(source),
      inspect(source, { depth: 9, showHidden: true }),
      format('%s %o %j', source.key, source, source),
      String(source.key),
      Object.entries(source.key ?? {}).join(),
      JSON.stringify(structuredClone(source.key)),
      describeSource(source),
    ].join('\n');
    expect(shown).toContain('[hidden key]');
    expect(shown).not.toContain(secret);
  });
});
