import { parentPort } from 'node:worker_threads';
import { systemClock } from '../../../process/clock.ts';
import {
  compileTemplate,
  renderTemplate,
  TemplateTooLarge,
  type CompiledTemplate,
} from './boundedTemplate.ts';
import type { RenderOrder, TemplateAnswer } from './templateProtocol.ts';

/**
 * Entry of the thread that reads and renders chat templates, which come with a model's file and may do anything a program
 * may. Nothing is lost when it ends: `TemplateRenderer` starts it, limits its memory and ends it.
 */

/** The template rendered last: requests in a row are for the same model. */
let last: { readonly template: string; readonly compiled: CompiledTemplate } | null = null;

function answerTo({ template, ...input }: RenderOrder): TemplateAnswer {
  try {
    last = last?.template === template ? last : { template, compiled: compileTemplate(template) };
    return { type: 'rendered', text: renderTemplate(last.compiled, { ...input, now: systemClock.date() }) };
  } catch (thrown) {
    if (thrown instanceof TemplateTooLarge) return { type: 'tooLarge' };
    return { type: 'refused', message: thrown instanceof Error ? thrown.message : String(thrown) };
  }
}

if (parentPort === null) throw new Error('The template thread is started as a worker, not by itself.');
const port = parentPort;
port.on('message', (order: RenderOrder) => {
  port.postMessage(answerTo(order));
});
port.postMessage({ type: 'ready' } satisfies TemplateAnswer);
