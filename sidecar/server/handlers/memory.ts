import type { RequestHandler } from '../requestHandler.ts';

export const readMemory: RequestHandler<'entropane/memory/read'> = (_params, { application }) =>
  application.rememberedProblems();

export const clearMemory: RequestHandler<'entropane/memory/clear'> = async (_params, { application }) => {
  await application.strategyMemory.clear();
  return null;
};
