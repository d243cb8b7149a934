/**
 * A text whose UTF-8 has every byte that UTF-8 can have: a vocabulary that lacks the token of one ends the process when it
 * meets it.
 */
export function everyByte(): string {
  // All of one byte and of two: with them, every byte that may follow a first one.
  const short = Array.from({ length: 0x800 }, (_, code) => String.fromCodePoint(code));
  // One for each first byte of three and of four; none of them is a surrogate.
  const long = Array.from({ length: 0x10 }, (_, high) => String.fromCodePoint(Math.max(0x800, high << 12)));
  const planes = [0x10000, 0x40000, 0x80000, 0xc0000, 0x100000].map((code) => String.fromCodePoint(code));
  return [...short, ...long, ...planes].join('');
}
