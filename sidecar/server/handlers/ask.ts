import type { RequestHandler } from '../requestHandler.ts';

export const ask: RequestHandler<'entropane/ask'> = (params, { application, report, signal }) =>
  application.ask(params, report, signal);

export const steer: RequestHandler<'entropane/steer'> = (params, { application }) =>
  Promise.resolve({ accepted: application.running.steer(params) });
