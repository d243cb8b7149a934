import { expect, it } from 'vitest';
import { TypedDocuments } from '../../../../sidecar/completion/typedDocuments.ts';

it('counts a request as typed where the document is new or has changed since its last one', () => {
  const typed = new TypedDocuments();
  expect(typed.asked('file:///a', 1)).toBe(true);
  expect(typed.asked('file:///a', 1)).toBe(false);
  expect(typed.asked('file:///b', 1)).toBe(true);
  expect(typed.asked('file:///a', 2)).toBe(true);
  expect(typed.asked('file:///a', 2)).toBe(false);
  // Opened anew, it may begin with any version.
  expect(typed.asked('file:///a', 1)).toBe(true);
});

it('forgets the document that was asked about longest ago', () => {
  const typed = new TypedDocuments();
  for (let index = 0; index < 64; index++) typed.asked(`file:///${index}`, 1);
  expect(typed.asked('file:///0', 1)).toBe(false);
  typed.asked('file:///new', 1);
  expect(typed.asked('file:///0', 1)).toBe(false);
  expect(typed.asked('file:///1', 1)).toBe(true);
});
