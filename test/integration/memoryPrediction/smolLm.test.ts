import { describe } from 'vitest';
import { itPredictsMemory } from '../../support/measuredMemory.ts';
import { installedModelPath } from '../../support/realEngine.ts';

describe('the memory predicted for SmolLM2 135M', async () => {
  itPredictsMemory(await installedModelPath('smollm2-135m'));
});
