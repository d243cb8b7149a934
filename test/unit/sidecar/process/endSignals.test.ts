import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { endSignals, interruptSelf } from '../../../../sidecar/process/endSignals.ts';

/** A process that records the signals which it is sent, and runs the handlers that it has. */
class RecordingProcess extends EventEmitter {
  readonly pid = 41;
  readonly sent: unknown[] = [];

  kill(processId: number, signal?: NodeJS.Signals | number): true {
    this.sent.push([processId, signal]);
    return true;
  }
}

test('every platform has the signals of a terminal and of a system, Windows two of its own', () => {
  expect(endSignals('linux')).toEqual(['SIGINT', 'SIGTERM']);
  expect(endSignals('darwin')).toEqual(['SIGINT', 'SIGTERM']);
  expect(endSignals('win32')).toEqual(['SIGINT', 'SIGTERM', 'SIGBREAK', 'SIGHUP']);
});

test.each(['linux', 'darwin'] as const)('a program on %s interrupts itself by the signal', (platform) => {
  const self = new RecordingProcess();
  let handled = 0;
  self.on('SIGINT', () => (handled += 1));
  interruptSelf(self, platform);
  expect(self.sent).toEqual([[41, 'SIGINT']]);
  expect(handled).toBe(0);
});

test('a program on Windows runs its handlers, and ends where it has none', () => {
  const self = new RecordingProcess();
  const handled: unknown[] = [];
  self.once('SIGINT', (signal: unknown) => handled.push(signal));
  interruptSelf(self, 'win32');
  expect(handled).toEqual(['SIGINT']);
  expect(self.sent).toEqual([]);
  interruptSelf(self, 'win32');
  expect(self.sent).toEqual([[41, 'SIGINT']]);
});
