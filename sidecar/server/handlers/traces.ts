import type { RequestHandler } from '../requestHandler.ts';

export const listTraces: RequestHandler<'entropane/traces/list'> = (_params, { application }) =>
  application.traces.list();

export const readTrace: RequestHandler<'entropane/traces/read'> = ({ requestId }, { application }) =>
  application.traces.read(requestId);

export const exportTrace: RequestHandler<'entropane/traces/export'> = async (
  { requestId, outputPath },
  { application },
) => {
  await application.exportTrace(requestId, outputPath);
  return { path: outputPath };
};
