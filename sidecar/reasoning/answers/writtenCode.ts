import type { CodeBlock } from '../../../protocol/fencedCode.ts';
import { answerMarkerSpellings } from '../../prompts/chatPrompt.ts';
import { hasOpenFence, mainBlock } from './codeFence.ts';

const marker = new RegExp(answerMarkerSpellings.join('|'), 'g');

/** The code that a candidate wrote: the block that its text is about. Null where it wrote none. Pure. */
export function writtenCode(text: string): CodeBlock | null {
  const block = mainBlock(withMarkersApart(text));
  return block === null || block.text.trim() === '' ? null : block;
}

/** A block may begin on the line of the words that announce it, where it is not a block by itself. Code stays as it is. Pure. */
export function withMarkersApart(text: string): string {
  return text.replace(marker, (found, index: number) =>
    hasOpenFence(text.slice(0, index)) ? found : `${found}\n`,
  );
}
