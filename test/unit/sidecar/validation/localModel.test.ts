import { expect, it } from 'vitest';
import { localModelOf } from '../../../../sidecar/validation/localModel.ts';
import { defaultSettings } from '../../../../sidecar/validation/sidecarSettings.ts';

const server = 'http://gpu-box:8080';

it.each([
  ['small', 'other', 'small'],
  [server, 'small', 'small'],
  [server, '', defaultSettings.model],
  [server, server, defaultSettings.model],
])(
  'with %s for questions and “%s” for completions this machine needs %s',
  (model, completionModel, local) => {
    expect(localModelOf({ model, completionModel })).toBe(local);
  },
);
