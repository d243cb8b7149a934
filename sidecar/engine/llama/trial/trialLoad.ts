import { writeSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { toCodedError } from '../../../../protocol/codedError.ts';
import { applyAdapter } from '../loading/loraAdapter.ts';
import { openContext } from '../loading/openContext.ts';
import { openWeights } from '../loading/openWeights.ts';
import { DecodeBatch } from '../native/decodeBatch.ts';
import { openNativeRuntime, type NativeRuntime } from '../native/nativeRuntime.ts';
import { Vocabulary } from '../native/vocabulary.ts';
import { everyByte } from './trialText.ts';
import { parseTrialRequest, type TrialMessage, type TrialRequest } from './trialProtocol.ts';

/** Tokens that are decoded together: enough for a graph of a prompt, and one row of logits. */
const trialTokens = 3;
const contextTokens = 64;

/**
 * No device is used and no weight is copied: pages of the file alone are in memory, which the system can take back, so a
 * trial beside models that are loaded takes little from them. `split_mode` none with a negative `main_gpu` leaves every
 * device out.
 */
const trialParams = { use_extra_bufts: false, split_mode: 0, main_gpu: -1 } as const;
const trialPlan = { isMapped: true, deviceLayers: 0, hostPattern: null } as const;

/**
 * Ends the process when its standard input ends, which it does with the parent. A thread of its own, since the main one
 * may be in a native call that never returns; a signal, since `process.exit` waits for such a call.
 */
const watchParent = `
const { readSync } = require('node:fs');
const pause = new Int32Array(new SharedArrayBuffer(4));
for (;;) {
  try {
    if (readSync(0, Buffer.alloc(1)) === 0) break;
  } catch (thrown) {
    if (thrown.code !== 'EAGAIN') break;
    Atomics.wait(pause, 0, 0, 200);
  }
}
process.kill(process.pid, 'SIGKILL');
`;

/**
 * The program of the trial process: loads one file as a sidecar would, writes what became of it to standard output, and
 * ends. llama.cpp ends the process for some files that pass every check of the header; that is what it is for.
 */
export function performTrial(bundleFolder: string, requestText: string): never {
  new Worker(watchParent, { eval: true });
  try {
    const request = parseTrialRequest(requestText);
    const runtime = openNativeRuntime(bundleFolder);
    say({ trial: 'started' });
    loadAndDecode(runtime, request);
    say({ trial: 'passed' });
  } catch (thrown) {
    say({ trial: 'refused', error: toCodedError(thrown).toData() });
  }
  // Not `exit`: the watching thread is in a read that does not end, and the system frees all memory faster.
  process.kill(process.pid, 'SIGKILL');
  throw new Error('A killed process goes on.');
}

function say(message: TrialMessage): void {
  writeSync(1, `${JSON.stringify(message)}\n`);
}

function loadAndDecode(runtime: NativeRuntime, { path, adapterPath }: TrialRequest): void {
  const { library } = runtime;
  const model = openWeights(runtime, {
    path,
    plan: trialPlan,
    params: trialParams,
    isCancelled: () => false,
  });
  const context = openContext(runtime, model, { contextTokens, batchTokens: trialTokens, outputRows: 1 });
  if (adapterPath !== null) applyAdapter(runtime, { model, context }, { path: adapterPath, scale: 1 });
  const vocabulary = new Vocabulary(library, library.modelVocabulary(model));
  for (const isSpecial of [false, true]) vocabulary.tokenize(everyByte(), isSpecial);
  const batch = new DecodeBatch(trialTokens);
  for (let at = 0; at < trialTokens; at++) {
    batch.add(at % vocabulary.size, at, 0, at === trialTokens - 1);
  }
  // A decode that fails in an orderly way is left to the load, which says more of it.
  batch.decode(library, context);
  library.synchronize(context);
}
