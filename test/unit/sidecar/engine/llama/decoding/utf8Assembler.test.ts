import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Utf8Assembler } from '../../../../../../sidecar/engine/llama/decoding/utf8Assembler.ts';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('Utf8Assembler', () => {
  it('holds back the bytes of a character until it is whole', () => {
    const text = new Utf8Assembler();
    const [first, second, third, fourth] = bytesOf('🦙');
    expect(text.push(Uint8Array.of(first ?? 0, second ?? 0))).toBe('');
    expect(text.push(Uint8Array.of(third ?? 0))).toBe('');
    expect(text.push(Uint8Array.of(fourth ?? 0, 0x61))).toBe('🦙a');
  });

  it('gives the text back however its bytes are cut', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.array(fc.nat(5)), (text, cuts) => {
        const assembler = new Utf8Assembler();
        const bytes = bytesOf(text);
        let out = '';
        let at = 0;
        for (const cut of cuts) {
          out += assembler.push(bytes.subarray(at, at + cut));
          at += cut;
        }
        expect(out + assembler.push(bytes.subarray(at))).toBe(text);
      }),
    );
  });

  it('keeps a byte order mark and replaces bytes that are no text', () => {
    const assembler = new Utf8Assembler();
    expect(assembler.push(bytesOf('\ufeffa'))).toBe('\ufeffa');
    expect(assembler.push(Uint8Array.of(0xff, 0x62))).toBe('\ufffdb');
  });

  it('forgets what it held back', () => {
    const assembler = new Utf8Assembler();
    assembler.push(bytesOf('é').subarray(0, 1));
    assembler.reset();
    expect(assembler.push(bytesOf('a'))).toBe('a');
  });
});
