import type { ContractPeer } from './contractPeer.ts';

/** The document of the tests of messages. */
export const uri = 'file:///sum.py';
/** A function that lacks its end, with the line ends of Windows. */
const source = 'def total(x):\r\n    return \r\n';
/** Where it lacks it. */
export const place = { textDocument: { uri }, position: { line: 1, character: 11 } };

/** Fill-in-the-middle prompts get code, questions a thought and then its answer. */
export function script({ text, call }: { readonly text: string; readonly call: number }): string {
  if (text.includes('<|fim_middle|>')) return ' sum(x)\n\ndef other():';
  return call === 0 ? 'Three cats have 3 times 4 legs.\nFinal answer:' : ' 12';
}

/** Opens it as an editor does. */
export async function openSource({ connection }: ContractPeer): Promise<void> {
  await connection.sendNotification('textDocument/didOpen', {
    textDocument: { uri, languageId: 'python', version: 1, text: source },
  });
}
