import { expect, it } from 'vitest';
import { RestoreCost } from '../../../../../../sidecar/engine/llama/cache/restoreCost.ts';

it('is tried where nothing was measured yet', () => {
  const cost = new RestoreCost();
  expect(cost.restorePays).toBe(true);
  cost.notePrefill(100, 400);
  expect(cost.restorePays).toBe(true);
});

it('takes the cost of copying out for that of bringing back until one came back', () => {
  const cost = new RestoreCost();
  cost.notePrefill(100, 400);
  cost.noteSave(100, 500);
  expect(cost.restorePays).toBe(false);
  cost.noteSave(100, 1);
  expect(cost.restoreMsPerToken).toBe(5);
  cost.noteRestore(100, 100);
  // 5 + 0.3 × (1 − 5)
  expect(cost.restoreMsPerToken).toBeCloseTo(3.8);
  expect(cost.restorePays).toBe(true);
});

it('follows what is measured', () => {
  const cost = new RestoreCost();
  cost.notePrefill(10, 10);
  cost.noteRestore(10, 5);
  expect(cost.restorePays).toBe(true);
  for (let i = 0; i < 10; i++) cost.notePrefill(10, 1);
  expect(cost.restorePays).toBe(false);
  cost.noteRestore(0, 99);
  expect(cost.restoreMsPerToken).toBe(0.5);
});

it('is tried again after a long while, and judged by what it costs then', () => {
  const cost = new RestoreCost();
  cost.notePrefill(100, 100);
  cost.noteRestore(100, 500);
  let calls = 0;
  while (!cost.restorePays && calls < 1000) {
    cost.notePrefill(100, 100);
    calls += 1;
  }
  expect(calls).toBe(200);
  cost.noteRestore(100, 500);
  expect(cost.restorePays).toBe(false);
  for (let i = 0; i < calls; i++) cost.notePrefill(100, 100);
  cost.noteRestore(100, 5);
  for (let i = 0; i < 2 * calls; i++) cost.notePrefill(100, 100);
  expect(cost.restoreMsPerToken).toBe(0.05);
});
