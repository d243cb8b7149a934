import type { RequestHandler } from '../requestHandler.ts';

export const complete: RequestHandler<'entropane/complete'> = (params, { application, report, signal }) =>
  application.completions.complete(params, report, signal);
