import { describe, expect, it } from 'vitest';
import { toRequestError } from '../../../../extension/engine/requestError.ts';
import { CodedError } from '../../../../protocol/codedError.ts';

function rpcError(code: number, data?: unknown): Error {
  return Object.assign(new Error('as the wire says'), { code, data });
}

describe('toRequestError', () => {
  it('restores the coded error that the sidecar threw', () => {
    const data = { code: 'model.missing', message: 'There is no model.', remedy: 'Fetch one.' };
    expect(toRequestError(rpcError(-32001, data)).toData()).toEqual(data);
  });

  it.each([
    ['the client cancelled', -32800, 'cancelled'],
    ['the server cancelled', -32802, 'cancelled'],
    ['the connection is not there', -32096, 'sidecar.gone'],
    ['the connection ended with the request pending', -32097, 'sidecar.gone'],
    ['any other failure', -32603, 'engine.failed'],
  ])('%s', (_what, rpcCode, code) => {
    expect(toRequestError(rpcError(rpcCode)).code).toBe(code);
  });

  it('does not take other data for a coded error', () => {
    expect(toRequestError(rpcError(-32603, { code: 7 })).code).toBe('engine.failed');
    expect(toRequestError(rpcError(-32603, null)).code).toBe('engine.failed');
  });

  it('passes a coded error through', () => {
    const error = new CodedError('disk.full', 'The disk is full.', 'Free some space.');
    expect(toRequestError(error)).toBe(error);
  });
});
