import { expect, it } from 'vitest';
import { modelItem } from '../../../../extension/commands/modelItem.ts';
import type { ListedModel } from '../../../../protocol/messages.ts';

const listed: ListedModel = {
  name: 'small',
  description: 'Completes',
  license: 'MIT',
  path: '/store/small.gguf',
  sizeBytes: 491_400_064,
  sha256: 'f0ed',
  verified: true,
  roles: [],
  state: null,
  tokensPerSecond: null,
  outlook: {
    pace: { prefillTokensPerSecond: 300, decodeTokensPerSecond: 52.4 },
    isMeasured: true,
    memoryBytes: 700e6,
    fits: true,
  },
  recommendedFor: ['completions'],
};
const serving = { model: 'large', completionModel: 'small' };

it('says of a model that is here how fast it was measured, what it does and what it is recommended for', () => {
  expect(modelItem(listed, serving)).toEqual({
    label: '$(check) small',
    description: '491 MB, 52 tok/s, for completions, recommended for completions',
    detail: 'Completes · MIT',
  });
});

it('marks an estimate, and says what does not fit or is unknown', () => {
  const absent: ListedModel = {
    ...listed,
    name: 'huge',
    license: null,
    path: null,
    sizeBytes: null,
    outlook: {
      pace: { prefillTokensPerSecond: 20, decodeTokensPerSecond: 4.12 },
      isMeasured: false,
      memoryBytes: 20e9,
      fits: false,
    },
    recommendedFor: [],
  };
  expect(modelItem(absent, serving)).toEqual({
    label: '$(cloud-download) huge',
    description: 'to fetch, size known to the hub, about 4.1 tok/s (estimated), too large for this machine',
    detail: 'Completes',
  });
  const unknown = { ...absent, outlook: { pace: null, isMeasured: false, memoryBytes: null, fits: null } };
  expect(modelItem(unknown, serving).description).toBe('to fetch, size known to the hub');
});
