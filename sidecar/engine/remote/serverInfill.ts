import { CodedError } from '../../../protocol/codedError.ts';
import { isRecord } from '../../../protocol/isRecord.ts';
import type { TokenId, TrainedOrder } from '../engine.ts';
import { findInfill, type FoundInfill, infillMarkerTexts, type NamedTokens } from '../infillFamilies.ts';
import { askAboutText, type LlamaTokenizer, tokensOf } from './serverTokens.ts';

/** Texts around a cursor that no marker has in it. */
const sides = { before: '\n0\n', after: '\n1\n' } as const;

/**
 * How the model of a llama-server fills in the middle; null for one that cannot. A family is known by its markers. For any other
 * the server's own `/infill` is asked once what it makes of two short texts, and what it puts around them are the markers: so
 * every completion is a prompt of token ids, which is forked, healed and passed on to another server as all are.
 * Throws as `ServerConnection` does.
 */
export async function findServerInfill(
  server: LlamaTokenizer,
  shownName: string,
  signal: AbortSignal,
): Promise<FoundInfill | null> {
  const ids = await markerIds(server, signal);
  const vocabulary = { idOf: (text: string) => ids.get(text) ?? null, modelName: shownName };
  const known = findInfill({ ...vocabulary, marked: { prefix: null, suffix: null, middle: null } });
  if (known !== null) return known;
  const spelled = spellingIn(await infillPrompt(server, signal));
  if (spelled === null) return null;
  const [prefix, suffix, middle] = await Promise.all(
    [spelled.prefix, spelled.suffix, spelled.middle].map(async (text) => {
      const tokens = await tokensOf(server, { text: text.trim(), special: true }, signal);
      return tokens.at(-1) ?? null;
    }),
  );
  const marked: NamedTokens['marked'] = {
    prefix: prefix ?? null,
    suffix: suffix ?? null,
    middle: middle ?? null,
  };
  const found = findInfill({ ...vocabulary, marked });
  return found && { ...found, tokens: { ...found.tokens, orders: [spelled.order] } };
}

/** Ids of the marker texts of all families that are single tokens of the model. */
async function markerIds(server: LlamaTokenizer, signal: AbortSignal): Promise<ReadonlyMap<string, TokenId>> {
  const content = infillMarkerTexts.join('\n');
  const body = { content, add_special: false, parse_special: true, with_pieces: true };
  const answer = await askAboutText(server, { path: '/tokenize', body }, signal);
  // An older release gives ids without their pieces: then no family is known.
  const tokens: readonly unknown[] = isRecord(answer) && Array.isArray(answer.tokens) ? answer.tokens : [];
  const found = new Map<string, TokenId>();
  for (const token of tokens) {
    if (isRecord(token) && typeof token.piece === 'string' && typeof token.id === 'number')
      found.set(token.piece, token.id);
  }
  return found;
}

/** What the server makes of the two sides; empty where its model has no markers, or the server does not say. */
async function infillPrompt(
  { connection, description: { modelName } }: LlamaTokenizer,
  signal: AbortSignal,
): Promise<string> {
  const body = { model: modelName, input_prefix: sides.before, input_suffix: sides.after, n_predict: 0 };
  try {
    const answer = await connection.post('/infill', body, signal);
    return isRecord(answer) && typeof answer.prompt === 'string' ? answer.prompt : '';
  } catch (thrown) {
    if (thrown instanceof CodedError && thrown.code === 'server.unsupported') return '';
    throw thrown;
  }
}

interface InfillSpelling {
  /** Ends with the marker, after what a server puts before everything, such as the name of a file. */
  readonly prefix: string;
  readonly suffix: string;
  readonly middle: string;
  readonly order: TrainedOrder;
}

/** The texts around the two sides, in the order that the server arranged them in; null where they are not all there. Pure. */
function spellingIn(prompt: string): InfillSpelling | null {
  const before = prompt.lastIndexOf(sides.before);
  const after = prompt.lastIndexOf(sides.after);
  if (before < 0 || after < 0) return null;
  const [first, second] = [Math.min(before, after), Math.max(before, after)];
  const head = prompt.slice(0, first);
  const between = prompt.slice(first + sides.before.length, second);
  const middle = prompt.slice(second + sides.after.length);
  return before < after
    ? { prefix: head, suffix: between, middle, order: 'prefixFirst' }
    : { prefix: between, suffix: head, middle, order: 'suffixThenPrefix' };
}
