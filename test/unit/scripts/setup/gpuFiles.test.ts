import { expect, test } from 'vitest';
import { cudaRuntime, nvidiaDriverFiles } from '../../../../scripts/setup/gpuFiles.mjs';
import * as doctor from '../../../../sidecar/doctor/nvidiaDriver.ts';

const variables = { SystemRoot: 'D:\\Win', Path: 'C:\\cuda\\bin;;D:\\x', LD_LIBRARY_PATH: '/opt/cuda::/y' };

test.each([
  ['linux', ['/proc/driver/nvidia/version', '/dev/nvidiactl']],
  ['win32', ['D:\\Win\\System32\\nvcuda.dll']],
  ['darwin', []],
] as const)("set-up and doctor look for NVIDIA's driver on %s in %j", (platform, files) => {
  expect(nvidiaDriverFiles(platform, variables)).toEqual(files);
  expect(doctor.nvidiaDriverFiles(platform, variables)).toEqual(files);
});

test('the CUDA runtime is looked for where the loader does', () => {
  expect(cudaRuntime('linux', variables)).toEqual({
    names: ['libcudart.so.13', 'libcublas.so.13'],
    folders: ['/opt/cuda', '/y'],
  });
  expect(cudaRuntime('win32', variables).folders).toEqual(['C:\\cuda\\bin', 'D:\\x']);
});
