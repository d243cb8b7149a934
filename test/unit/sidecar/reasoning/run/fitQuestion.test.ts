import { describe, expect, it } from 'vitest';
import type { Attachment } from '../../../../../protocol/attachment.ts';
import { scriptBySequence } from '../../../../../sidecar/engine/scripted/script.ts';
import type { Turn } from '../../../../../sidecar/prompts/chatPrompt.ts';
import { type AskedContext, fitQuestion } from '../../../../../sidecar/reasoning/run/fitQuestion.ts';
import { runScripted, scriptedModel } from '../../../../support/engine/scriptedRequest.ts';

const filler = (word: string, count: number): string => Array.from({ length: count }, () => word).join(' ');
const file = (path: string, text: string): Attachment => ({ languageId: 'typescript', path, text });
const turn = (requestId: string, question: string, answer: string): Turn => ({
  requestId,
  question,
  answer,
  files: [],
  style: 'direct',
});
const alone: AskedContext = {
  question: 'Why does parseRow fail?',
  attachment: null,
  attachments: [],
  turns: [],
};

async function fitted(asked: Partial<AskedContext>, contextTokens: number) {
  const model = await scriptedModel(scriptBySequence([]), { contextTokens });
  const { turns, files, leftOut } = await fitQuestion({ ...alone, ...asked }, 'direct', model);
  return {
    turns: turns.map(({ requestId }) => requestId),
    files: files.map(({ path }) => path),
    leftOut,
  };
}

describe('fitQuestion', () => {
  const about = file('rows.ts', `function parseRow() {} ${filler('row', 150)}`);
  const other = file('other.ts', filler('something', 150));

  it('keeps all that there is room for, files before the code that the question is about', async () => {
    const attachment = file('main.ts', 'parseRow();');
    const asked = { attachment, attachments: [other, about], turns: [turn('r1', 'What?', 'That.')] };
    expect(await fitted(asked, 100_000)).toEqual({
      turns: ['r1'],
      files: ['other.ts', 'rows.ts', 'main.ts'],
      leftOut: [],
    });
  });

  it('leaves out what is least relevant to the question, and names it', async () => {
    const all = await fitted({ attachments: [about, other] }, 100_000);
    expect(all.leftOut).toEqual([]);
    const model = await scriptedModel(scriptBySequence([]));
    const tokens = (await model.tokenize(`${about.path}\n${about.text}`, { special: false })).length;
    const room = Math.ceil((tokens * 1.5 + 200) / 0.75);
    const { files, leftOut } = await fitted({ attachments: [about, other] }, room);
    expect(files).toEqual(['rows.ts']);
    expect(leftOut).toEqual(['other.ts']);
  });

  it('keeps the conversation about a text that takes half of the context, and puts that once', async () => {
    const attachment = file('rows.ts', filler('row', 300));
    const model = await scriptedModel(scriptBySequence([]));
    const tokens = (await model.tokenize(attachment.text, { special: false })).length;
    const turns = [{ ...turn('r1', 'What?', 'That.'), files: [attachment] }];
    expect(await fitted({ attachment, turns }, Math.ceil((tokens + 200) / 0.75))).toEqual({
      turns: ['r1'],
      files: [],
      leftOut: [],
    });
  });

  it('leaves out earlier turns first, but the last one after everything else', async () => {
    const turns = [
      turn('r1', 'Unrelated?', filler('word', 400)),
      turn('r2', 'What is parseRow?', filler('parseRow', 400)),
      turn('r3', 'And then?', filler('then', 40)),
    ];
    const attachments = [other];
    const steps = [100_000, 2000, 1200, 800, 350];
    const left = await Promise.all(
      steps.map(
        async (contextTokens) => (await fitted({ turns, attachments }, contextTokens)).leftOut.length,
      ),
    );
    expect(left).toEqual([...left].sort((a, b) => a - b));
    const tight = await fitted({ turns, attachments }, 350);
    expect(tight.leftOut.slice(0, 3)).toEqual([
      'the question “Unrelated?”',
      'the question “What is parseRow?”',
      'other.ts',
    ]);
  });

  it('puts a text once that an earlier turn has', async () => {
    const turns = [{ ...turn('r1', 'What?', 'That.'), files: [about] }];
    expect(await fitted({ turns, attachment: about }, 100_000)).toMatchObject({ turns: ['r1'], files: [] });
    const changed = { ...about, text: `${about.text} more` };
    expect((await fitted({ turns, attachment: changed }, 100_000)).files).toEqual(['rows.ts']);
  });
});

describe('a question with a context', () => {
  const script = scriptBySequence([['A row.']]);

  it('is put after the earlier turns, and its trace says what went along', async () => {
    const request = {
      question: 'Why?',
      attachments: [file('a.ts', 'let a = 1;')],
      turns: [turn('r1', 'What is a row?', 'A list.')],
    };
    const { state } = await runScripted(script, { request });
    expect(state.started?.context).toEqual({ attachments: request.attachments, conversation: ['r1'] });
    expect(state.decisions.map(({ kind }) => kind)).not.toContain('contextLeftOut');
  });

  it('says what had no room', async () => {
    const attachments = [file('a.ts', filler('something', 3000))];
    const { state } = await runScripted(script, { request: { question: 'Why?', attachments } });
    const decision = state.decisions.find(({ kind }) => kind === 'contextLeftOut');
    expect(decision?.why).toBe('The context of 4096 tokens has no room for a.ts.');
    expect(state.started?.context).toBeUndefined();
  });

  it('leaves the log of a question that comes alone as it was', async () => {
    const { state } = await runScripted(script, {});
    expect(state.started).not.toHaveProperty('context');
  });
});
