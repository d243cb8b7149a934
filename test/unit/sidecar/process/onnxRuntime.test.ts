import { existsSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { vsixTargets } from '../../../../scripts/vsix/vsixTargets.mjs';
import { isOnnxRuntimePublished } from '../../../../sidecar/process/onnxRuntime.ts';
import { checkout } from '../../../support/machine/manifest.ts';

test.each(vsixTargets)('what is said of $name is what the installed package has', ({ platform, arch }) => {
  const binding = path.join(
    checkout,
    'node_modules/onnxruntime-node/bin/napi-v6',
    platform,
    arch,
    'onnxruntime_binding.node',
  );
  expect(isOnnxRuntimePublished({ platform, arch })).toBe(existsSync(binding));
});
