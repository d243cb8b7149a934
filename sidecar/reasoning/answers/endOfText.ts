import type { Model } from '../../engine/engine.ts';

/** The last `room` tokens of a text, where its answer is; marked where something is left out before them. */
export async function endOfText(
  model: Pick<Model, 'tokenize' | 'detokenize'>,
  text: string,
  room: number,
): Promise<string> {
  const tokens = await model.tokenize(text, { special: false });
  return tokens.length <= room ? text : `…${await model.detokenize(tokens.slice(-room))}`;
}
