import { describe } from 'vitest';
import { itPredictsMemory } from '../../support/engine/measuredMemory.ts';
import { installedModelPath } from '../../support/engine/realEngine.ts';

describe('the memory predicted for Qwen2.5 Coder 0.5B', async () => {
  itPredictsMemory(await installedModelPath('qwen2.5-coder-0.5b'));
});
