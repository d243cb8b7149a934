import type { RequestHandler } from '../requestHandler.ts';

export const getHealth: RequestHandler<'entropane/health/get'> = (_params, { application }) =>
  Promise.resolve(application.health);
