import { describe, expect, it } from 'vitest';
import {
  consentText,
  keyPrompt,
  questionsTo,
  readServerGroup,
  servedItem,
  whereText,
  withoutServer,
} from '../../../../extension/commands/serverWords.ts';
import { serverItem } from '../../../../extension/commands/modelItem.ts';

const server = 'https://models.example.org#team/coder';

describe('what is said before a server is added', () => {
  it.each([
    ['http://gpu-box:8080', /others on the way can read all of it, the key too/],
    ['https://gpu-box', /The connection is encrypted\./],
    ['http://127.0.0.1:8080', /The address is on this machine/],
  ])('names what is sent to %s, and who else can read it', (address, way) => {
    const text = consentText({ address, others: [] });
    expect(text).toContain(`sends to ${address}: your questions and edits, the code and files`);
    expect(text).toMatch(way);
  });

  it('says when completions are sent, and that a workspace can have them sent', () => {
    const text = consentText({ address: 'https://gpu-box', others: [] });
    expect(text).toMatch(/Completions stay on this machine, unless entropane\.completionModel names/);
    expect(text).toMatch(/in those of a workspace that you trust\. Then the code around the cursor is sent/);
  });

  it('is not of a connection that others can read where it is encrypted', () => {
    expect(consentText({ address: 'https://gpu-box', others: [] })).not.toContain('not encrypted');
  });
});

it('a key that is gone is asked for in other words than a new one, and than one that may stay', () => {
  expect(new Set([undefined, null, 'sk-1'].map(keyPrompt)).size).toBe(3);
  expect(keyPrompt(undefined)).toContain('is gone');
});

describe('several servers', () => {
  it('are named with blanks between them, the first one for all', () => {
    expect(readServerGroup(' http://one:1/v1  https://two http://one:1')).toEqual({
      address: 'http://one:1',
      others: ['https://two'],
    });
    expect(() => readServerGroup('http://one:1 two')).toThrow(/begins with http/);
  });

  it('are all named before they are added, with what the worst of their connections means', () => {
    const text = consentText({ address: 'https://one', others: ['http://two:2'] });
    expect(text).toContain('sends to https://one and http://two:2: your questions');
    expect(text).toContain('is not encrypted');
  });
});

describe('settings', () => {
  it.each([
    ['one model', { model: 'small', completionModel: '' }, 'small'],
    ['two models', { model: 'large', completionModel: 'small' }, 'small'],
    ['another server', { model: 'http://other', completionModel: 'small' }, 'small'],
    ['another server alone', { model: 'http://other', completionModel: '' }, ''],
    ['a server for completions', { model: 'large', completionModel: 'http://other' }, 'http://other'],
  ])('keep what writes completions after %s', (_before, current, completionModel) => {
    expect(questionsTo(server, current)).toEqual({ model: server, completionModel });
  });

  it.each([
    [
      { model: server, completionModel: 'small' },
      { model: 'small', completionModel: '' },
    ],
    [
      { model: server, completionModel: '' },
      { model: 'usual', completionModel: '' },
    ],
    [
      { model: 'large', completionModel: server },
      { model: 'large', completionModel: '' },
    ],
    [{ model: 'http://other', completionModel: 'small' }, null],
  ])('%o of a server that is removed become %o', (current, left) => {
    expect(withoutServer('https://models.example.org', current, 'usual')).toEqual(left);
  });
});

it('where questions run is said by model and host, and where completions do', () => {
  expect(whereText(server, { model: server, completionModel: 'small' })).toBe(
    'Questions and edits go to team/coder at models.example.org. Completions stay on this machine, with small.',
  );
  expect(whereText('http://gpu-box:8080', { model: '', completionModel: '' })).toMatch(
    /^Questions and edits go to gpu-box:8080\. Choose a model of this machine/u,
  );
  expect(serverItem('https://models.example.org', { model: server, completionModel: '' })).toMatchObject({
    label: '$(server) team/coder at models.example.org',
    description: 'on a server, for questions',
  });
  expect(
    serverItem('http://gpu-box:8080', { model: server, completionModel: 'http://gpu-box:8080#tiny' }),
  ).toMatchObject({
    label: '$(server) gpu-box:8080',
    description: 'on a server, for completions',
    detail: expect.stringContaining('is sent there while you type') as unknown,
  });
  expect(serverItem('http://other', { model: server, completionModel: '' }).description).toBe('on a server');
  expect(servedItem({ name: 'coder', contextTokens: 8192 }).description).toBe('8192 tokens of context');
});
