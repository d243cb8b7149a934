import type { RequestHandler } from '../requestHandler.ts';

export const showSpending: RequestHandler<'entropane/spending/show'> = (_params, { application }) =>
  application.daily.report();

export const resetSpending: RequestHandler<'entropane/spending/reset'> = (_params, { application }) =>
  application.daily.reset();
