import type { RequestHandler } from '../requestHandler.ts';

export const editHandler: RequestHandler<'entropane/edit'> = (params, { application, report, signal }) =>
  application.edits.edit(params, report, signal);
