import { memoryReport } from '../../strategies/memory/memoryReport.ts';
import type { RequestHandler } from '../requestHandler.ts';

export const readMemory: RequestHandler<'entropane/memory/read'> = async (_params, { application }) =>
  memoryReport(await application.strategyMemory.read());

export const clearMemory: RequestHandler<'entropane/memory/clear'> = async (_params, { application }) => {
  await application.strategyMemory.clear();
  return null;
};
