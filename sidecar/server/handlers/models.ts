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
