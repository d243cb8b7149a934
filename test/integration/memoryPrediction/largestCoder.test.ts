import { describe } from 'vitest';
import { itPredictsMemory } from '../../support/engine/measuredMemory.ts';
import { findModelPath, installedModelPath } from '../../support/engine/realEngine.ts';

describe('the memory predicted for the larger coder where it is installed', async () => {
  itPredictsMemory(
    (await findModelPath('qwen2.5-coder-1.5b')) ?? (await installedModelPath('qwen2.5-coder-0.5b')),
  );
});
