import { expect, it } from 'vitest';
import { ResponseError } from 'vscode-languageserver/node';
import { toCodedError } from '../../../../protocol/codedError.ts';
import { fromResponse } from '../../../../sidecar/cli/sidecarClient.ts';
import { cancelled } from '../../../../sidecar/engine/cancelled.ts';

it('what the user stopped is said to be stopped, and nothing to be asked again', () => {
  const answer = new ResponseError(-32_800, 'cancelled', cancelled().toData());
  const stopped = toCodedError(fromResponse(answer, { isStopped: true }));
  expect(stopped.code).toBe('cancelled');
  expect(stopped.message).toContain('stopped');
  expect(stopped.remedy).not.toBe(cancelled().remedy);
  // Ended by something else, such as a model that was replaced.
  expect(toCodedError(fromResponse(answer, { isStopped: false })).toData()).toEqual(cancelled().toData());
});
