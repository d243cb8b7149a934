/** Whether the mode of a file says who may read it; Windows has other rules, and Node shows the same mode for all files there. */
export function hasFileModes(platform: string): boolean {
  return platform !== 'win32';
}
