import type { RequestHandler } from '../requestHandler.ts';

export const judge: RequestHandler<'entropane/difficulty'> = (params, { application, signal }) =>
  application.judge(params, signal);
