import { describe, expect, it } from 'vitest';
import { ServerBook } from '../../../../sidecar/modelHosting/serverBook.ts';

describe('the servers that were added', () => {
  it('are found by address, whatever model is named, with their key', () => {
    const book = new ServerBook();
    book.replace([{ address: 'http://gpu-box:8080/v1/', key: 'sk-1', others: ['http://gpu-two/'] }]);
    const found = book.find('http://gpu-box:8080#team/coder');
    expect(found).toMatchObject({ address: 'http://gpu-box:8080', modelName: 'team/coder' });
    expect(found?.key?.reveal()).toBe('sk-1');
    expect(found?.others).toEqual(['http://gpu-two']);
    expect(book.find('http://gpu-box:8080/v1')).toMatchObject({ modelName: null });
    expect(book.find('qwen2.5-coder-0.5b')).toBeNull();
  });

  it('are none but those that were named last', () => {
    const book = new ServerBook();
    book.replace([{ address: 'http://gpu-box' }, { address: 'http://same' }]);
    const changed = book.replace([{ address: 'http://gpu-two' }, { address: 'http://same' }]);
    expect([...changed].sort()).toEqual(['http://gpu-box', 'http://gpu-two']);
    expect([
      ...book.replace([{ address: 'http://gpu-two', key: 'sk-1' }, { address: 'http://same' }]),
    ]).toEqual(['http://gpu-two']);
    expect(() => book.find('http://gpu-box')).toThrow(expect.objectContaining({ code: 'server.unknown' }));
  });

  it('stay where one of those to come is not an address', () => {
    const book = new ServerBook();
    book.replace([{ address: 'http://gpu-box' }]);
    expect(() => book.replace([{ address: 'gpu-box' }])).toThrow(
      expect.objectContaining({ code: 'parameter.invalid' }),
    );
    expect(book.find('http://gpu-box')).not.toBeNull();
  });
});
