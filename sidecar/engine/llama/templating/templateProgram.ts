import { parentPort, Worker } from 'node:worker_threads';
import { systemClock } from '../../../process/clock.ts';
import {
  compileTemplate,
  renderTemplate,
  TemplateTooLarge,
  type CompiledTemplate,
} from './boundedTemplate.ts';
import {
  parseRenderOrder,
  type RenderAnswer,
  type RenderOrder,
  type TemplateMessage,
} from './templateProtocol.ts';
import { watchProcess, type WatchOrder } from './templateWatch.ts';

/**
 * The program of the process that reads and renders chat templates, which come with a model's file and may do anything a
 * program may. Nothing is lost when it ends: `TemplateProcess` starts it, limits its memory and kills it.
 */

/** The template rendered last: requests in a row are for the same model. */
let last: { readonly template: string; readonly compiled: CompiledTemplate } | null = null;

function answerTo({ template, ...input }: RenderOrder): RenderAnswer {
  try {
    last = last?.template === template ? last : { template, compiled: compileTemplate(template) };
    return { type: 'rendered', text: renderTemplate(last.compiled, { ...input, now: systemClock.date() }) };
  } catch (thrown) {
    if (thrown instanceof TemplateTooLarge) return { type: 'tooLarge' };
    return { type: 'refused', message: thrown instanceof Error ? thrown.message : String(thrown) };
  }
}

function say(message: TemplateMessage): void {
  process.send?.(message);
}

function serve(): void {
  // The same bundle: this is its path.
  const watch = new Worker(process.argv[1] ?? '');
  const watchOrder = (order: WatchOrder): void => {
    watch.postMessage(order);
  };
  // A terminal interrupts the parent's whole group; the parent then decides.
  process.on('SIGINT', () => undefined);
  process.on('message', (value: unknown) => {
    const order = parseRenderOrder(value);
    watchOrder({ type: 'begun' });
    const answer = answerTo(order);
    watchOrder({ type: 'ended' });
    say(answer);
  });
  watch.once('online', () => {
    say({ type: 'ready' });
  });
}

if (parentPort === null) serve();
else watchProcess(parentPort);
