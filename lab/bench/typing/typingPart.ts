import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { SuiteContext } from '../suites/suite.ts';
import { type Edit, Keyboard } from './keyboard.ts';
import { processSeconds } from './processTime.ts';
import { openProduct } from './productSide.ts';
import { openRival, type RivalOrder } from './rivalSide.ts';
import type { TypedFile, TypedPlace, TypingAnswer, TypingSide } from './typingSide.ts';
import { typingSteps, type TypingTrace, typingTraces } from './typingTraces.ts';

/** A request in a pause, and what it cost its side: tokens and processor time of the work afterwards included. */
export interface PauseResult extends TypingAnswer {
  readonly processorSeconds: number;
}

/** One pause of a trace, asked of each side in turn. */
export interface Pause {
  readonly isAfterJump: boolean;
  /** In the order of the sides: the product, then llama-server prefix first and with `--spm-infill`. */
  readonly results: readonly PauseResult[];
}

const rivalOrders: readonly RivalOrder[] = ['prefixFirst', 'suffixFirst'];
/**
 * A side works on for so long after its answer before it is looked at, and then until it rests. The sidecar looks at the load of
 * the last two seconds before it takes all cores, and no other side is to be in them.
 */
const leastRestMs = 2_100;
const lookEveryMs = 100;
const mostRestMs = 10_000;
/** Share of a core that a resting process uses at most. */
const restingShare = 0.1;

type Replay = Pick<SuiteContext, 'bundleFolder' | 'modelPath' | 'threads' | 'note' | 'signal'> & {
  readonly toolPath: string;
  /** Pauses of each trace at most. */
  readonly limit: number;
};

/** Types every trace in all sides at once. Each is asked while the others rest, and the first one changes. */
export async function replayTraces(replay: Replay): Promise<readonly Pause[]> {
  const pauses: Pause[] = [];
  for (const trace of typingTraces) pauses.push(...(await replayTrace(replay, trace)));
  return pauses;
}

async function replayTrace(replay: Replay, trace: TypingTrace): Promise<readonly Pause[]> {
  const { note, signal, limit } = replay;
  const files = await readFiles(replay.bundleFolder, trace);
  const sides: TypingSide[] = [];
  try {
    sides.push(await openProduct(replay, files, signal));
    for (const order of rivalOrders) sides.push(await openRival({ ...replay, order }, files.related, signal));
    const keyboard = new Keyboard(files.typed.text, trace.indent);
    const pauses: Pause[] = [];
    let edits: Edit[] = [];
    let isAfterJump = false;
    for (const step of typingSteps(trace.script)) {
      if (pauses.length >= limit) break;
      if (step.type === 'pause') {
        const { text, offset, position } = keyboard;
        const place = { text, offset, position, edits };
        const results = await askInTurn(sides, { turn: pauses.length, place }, signal);
        pauses.push({ isAfterJump, results });
        edits = [];
        const spent = results.map(costOf).join('; ');
        note(`  ${trace.name}, pause ${pauses.length}${isAfterJump ? ' after a jump' : ''}: ${spent}`);
        isAfterJump = false;
      } else if (step.type === 'jump') {
        keyboard.jump(step.place);
        isAfterJump = true;
      } else if (step.type === 'arrow') keyboard.move(step.key);
      else {
        const edit = step.type === 'back' ? keyboard.back() : keyboard.type(step.key);
        if (edit !== null) edits.push(edit);
      }
    }
    return pauses;
  } finally {
    for (const side of sides) await side.stop();
  }
}

function costOf({ durationMs, prefilledTokens, generatedTokens }: PauseResult): string {
  return `${durationMs.toFixed(0)} ms, ${prefilledTokens} tokens read, ${generatedTokens} written`;
}

/** Results in the order of the sides, whichever was asked first. */
async function askInTurn(
  sides: readonly TypingSide[],
  { turn, place }: { readonly turn: number; readonly place: TypedPlace },
  signal: AbortSignal,
): Promise<readonly PauseResult[]> {
  const first = turn % sides.length;
  const results = new Map<TypingSide, PauseResult>();
  for (const side of [...sides.slice(first), ...sides.slice(0, first)]) {
    const before = await processSeconds(side.processId);
    const answer = await side.ask(place, signal);
    const followed = await side.follow(place, signal);
    await untilResting(side.processId);
    const processorSeconds = (await processSeconds(side.processId)) - before;
    const prefilledTokens = answer.prefilledTokens + followed.prefilledTokens + (await side.idleTokens());
    const generatedTokens = answer.generatedTokens + followed.generatedTokens;
    results.set(side, { ...answer, prefilledTokens, generatedTokens, processorSeconds });
  }
  return sides.flatMap((side) => results.get(side) ?? []);
}

/** Lets a side finish what it does after an answer, so that it counts as its own and slows no other. */
async function untilResting(processId: number): Promise<void> {
  await delay(leastRestMs);
  let before = await processSeconds(processId);
  for (let restedMs = leastRestMs; restedMs < mostRestMs; restedMs += lookEveryMs) {
    await delay(lookEveryMs);
    const now = await processSeconds(processId);
    if (now - before <= (restingShare * lookEveryMs) / 1_000) return;
    before = now;
  }
}

async function readFiles(
  bundleFolder: string,
  { folder, file, related, languageId }: TypingTrace,
): Promise<{ readonly typed: TypedFile; readonly related: readonly TypedFile[] }> {
  const read = async (name: string): Promise<TypedFile> => {
    const text = await readFile(resolve(bundleFolder, '..', join(folder, name)), 'utf8');
    return { uri: `file:///typing/${name}`, name, languageId, text: text.replaceAll('\r\n', '\n') };
  };
  return { typed: await read(file), related: await Promise.all(related.map(read)) };
}
