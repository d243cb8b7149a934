import { describe, expect, it, test } from 'vitest';
import {
  endText,
  isFullHeap,
  meaningOfEnd,
  type ProcessEnd,
} from '../../../../sidecar/process/processEnd.ts';

const signalled = (signal: NodeJS.Signals): ProcessEnd => ({ code: null, signal });
const exited = (code: number): ProcessEnd => ({ code, signal: null });

describe.each(['linux', 'darwin'] as const)('the end of a process on %s', (platform) => {
  it.each([
    ['killed', signalled('SIGKILL')],
    ['interrupted', signalled('SIGINT')],
    ['interrupted', signalled('SIGHUP')],
    ['crashed', signalled('SIGSEGV')],
    ['crashed', exited(1)],
    // A number of Windows means nothing here.
    ['crashed', exited(0xc000013a)],
  ])('%s: %j', (meaning, end) => {
    expect(meaningOfEnd(end, platform)).toBe(meaning);
  });

  it('by a full heap is by a signal, or by the code of an abort', () => {
    const full = [signalled('SIGABRT'), signalled('SIGTRAP'), signalled('SIGKILL'), exited(134)];
    expect(full.filter((end) => !isFullHeap(end, platform))).toEqual([]);
    const others = [exited(1), exited(0), exited(0xc0000409), signalled('SIGTERM')];
    expect(others.filter((end) => isFullHeap(end, platform))).toEqual([]);
  });
});

describe('the end of a process on win32', () => {
  it.each([
    ['killed', exited(1)],
    // Node says so of a process that it ended itself.
    ['killed', signalled('SIGKILL')],
    ['interrupted', exited(0xc000013a)],
    ['interrupted', exited(0x40010004)],
    ['crashed', exited(0xc0000005)],
    ['crashed', exited(3)],
  ])('%s: %j', (meaning, end) => {
    expect(meaningOfEnd(end, 'win32')).toBe(meaning);
  });

  it('by a full heap is by one of the codes for that', () => {
    const full = [134, 1, 0xe0000008, 0x80000003, 0xc0000017, 0xc0000409].map(exited);
    expect(full.filter((end) => !isFullHeap(end, 'win32'))).toEqual([]);
    expect(isFullHeap(exited(0xc0000005), 'win32')).toBe(false);
    expect(isFullHeap(exited(0), 'win32')).toBe(false);
  });
});

test.each([
  [signalled('SIGSEGV'), 'signal SIGSEGV'],
  [exited(3), 'exit code 3'],
  [exited(0xc0000005), 'exit code 0xC0000005 (access violation)'],
  [exited(0xc0ffee00), 'exit code 0xC0FFEE00'],
  [{ code: null, signal: null }, 'exit code unknown'],
])('%j is written as %s', (end, text) => {
  expect(endText(end)).toBe(text);
});
