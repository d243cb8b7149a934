import { lookAtServer } from '../../app/serverLook.ts';
import type { RequestHandler } from '../requestHandler.ts';

export const listModels: RequestHandler<'entropane/models/list'> = (_params, { application }) =>
  application.listModels();

export const fetchModel: RequestHandler<'entropane/models/fetch'> = async (
  { model },
  { application, report, signal },
) => {
  const installed = await application.models.fetch(
    model,
    (progress) => {
      report([progress]);
    },
    signal,
  );
  application.noteFetched(installed.name);
  return installed;
};

export const chooseModel: RequestHandler<'entropane/models/choose'> = ({ model }, { application }) =>
  application.chooseModel(model);

export const removeModel: RequestHandler<'entropane/models/remove'> = async ({ model }, { application }) => {
  await application.removeModel(model);
  return null;
};

/** Async, so that a text that is not an address is a rejection like any other. */
export const describeServerModels: RequestHandler<'entropane/servers/look'> = async (server, { signal }) =>
  lookAtServer(server, signal);
