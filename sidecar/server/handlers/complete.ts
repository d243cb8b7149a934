import type { RequestHandler } from '../requestHandler.ts';

export const complete: RequestHandler<'entropane/complete'> = (params, { application, signal }) =>
  application.complete(params, signal);
