import { describe } from 'vitest';
import { itPredictsMemory } from '../../support/engine/measuredMemory.ts';
import { installedModelPath } from '../../support/engine/realEngine.ts';

describe('the memory predicted for SmolLM2 135M', async () => {
  itPredictsMemory(await installedModelPath('smollm2-135m'));
});
