/** Processors by the numbers that each format of programs has for them. */
const elfMachines: Readonly<Record<number, string>> = { 62: 'x64', 183: 'arm64', 40: 'arm', 3: 'ia32' };
const machoMachines: Readonly<Record<number, string>> = { 0x01000007: 'x64', 0x0100000c: 'arm64' };
const peMachines: Readonly<Record<number, string>> = { 0x8664: 'x64', 0xaa64: 'arm64', 0x14c: 'ia32' };

/** The platform that a program or library was built for, such as `win32-x64`, by its first bytes; null for other files. */
export function binaryPlatformOf(bytes: Buffer): string | null {
  if (bytes.length < 64) return null;
  switch (bytes.readUInt32BE(0)) {
    case 0x7f454c46:
      return `linux-${elfMachines[bytes.readUInt16LE(18)] ?? 'unknown'}`;
    case 0xcffaedfe:
      return `darwin-${machoMachines[bytes.readUInt32LE(4)] ?? 'unknown'}`;
    // Several processors in one file.
    case 0xcafebabe:
      return 'darwin-universal';
    default:
      return bytes.toString('latin1', 0, 2) === 'MZ' ? windowsPlatformOf(bytes) : null;
  }
}

function windowsPlatformOf(bytes: Buffer): string | null {
  const header = bytes.readUInt32LE(0x3c);
  if (bytes.length < header + 6 || bytes.toString('latin1', header, header + 4) !== 'PE\0\0') return null;
  return `win32-${peMachines[bytes.readUInt16LE(header + 4)] ?? 'unknown'}`;
}
