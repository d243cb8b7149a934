import path from 'node:path';

/** Files of which one is there where NVIDIA's driver is. Pure; a test compares them with those of set-up. */
export function nvidiaDriverFiles(
  platform: NodeJS.Platform,
  variables: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  if (platform === 'linux') return ['/proc/driver/nvidia/version', '/dev/nvidiactl'];
  if (platform !== 'win32') return [];
  return [path.win32.join(variables['SystemRoot'] || 'C:\\Windows', 'System32', 'nvcuda.dll')];
}
