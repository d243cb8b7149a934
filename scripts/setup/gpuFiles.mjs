import path from 'node:path';

/** @typedef {Readonly<Record<string, string | undefined>>} Variables */

/**
 * Files of which one is there where NVIDIA's driver is. Pure; a test compares them with those of the doctor.
 *
 * @param {string} platform
 * @param {Variables} variables
 * @returns {readonly string[]}
 */
export function nvidiaDriverFiles(platform, variables) {
  switch (platform) {
    case 'linux':
      return ['/proc/driver/nvidia/version', '/dev/nvidiactl'];
    case 'win32':
      return [path.win32.join(variables['SystemRoot'] || 'C:\\Windows', 'System32', 'nvcuda.dll')];
    default:
      return [];
  }
}

/**
 * The libraries of CUDA 13 that a CUDA build links against, and folders in which the loader looks beside its own. Pure.
 *
 * @param {string} platform
 * @param {Variables} variables
 * @returns {{ names: readonly string[], folders: readonly string[] }}
 */
export function cudaRuntime(platform, variables) {
  if (platform === 'win32') {
    const folders = (variables['Path'] ?? variables['PATH'] ?? '').split(';').filter(Boolean);
    return { names: ['cudart64_13.dll', 'cublas64_13.dll'], folders };
  }
  const folders = (variables['LD_LIBRARY_PATH'] ?? '').split(':').filter(Boolean);
  return { names: ['libcudart.so.13', 'libcublas.so.13'], folders };
}
