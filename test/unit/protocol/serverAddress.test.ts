import { describe, expect, it } from 'vitest';
import {
  hostOf,
  isLoopback,
  isOpenToOthers,
  readServerAddress,
  readServerModel,
  serverModelName,
} from '../../../protocol/serverAddress.ts';

describe('the address of a server', () => {
  it.each([
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080'],
    [' http://127.0.0.1:8080/ ', 'http://127.0.0.1:8080'],
    ['http://127.0.0.1:8080/v1/', 'http://127.0.0.1:8080'],
    ['https://Models.example.org/team/v1', 'https://models.example.org/team'],
    ['https://models.example.org:443/team/?x=1#y', 'https://models.example.org/team'],
  ])('%s is %s', (text, address) => {
    expect(readServerAddress(text)).toBe(address);
  });

  it.each([
    ['http://127.0.0.1:8080', true, false],
    ['http://localhost', true, false],
    ['http://[::1]:9', true, false],
    ['http://127.0.0.1.example.org', false, true],
    ['http://gpu-box:8080', false, true],
    ['https://gpu-box', false, false],
  ])('%s: on this machine %s, open to others %s', (address, isOwn, isOpen) => {
    expect([isLoopback(address), isOpenToOthers(address)]).toEqual([isOwn, isOpen]);
  });
});

describe('the name of a server’s model', () => {
  it.each([
    ['http://gpu-box:8080', { address: 'http://gpu-box:8080', modelName: null }],
    ['http://gpu-box:8080/v1/#team/coder', { address: 'http://gpu-box:8080', modelName: 'team/coder' }],
    ['https://gpu-box#a#b', { address: 'https://gpu-box', modelName: 'a#b' }],
    ['https://gpu-box#', { address: 'https://gpu-box', modelName: null }],
    ['qwen2.5-coder-0.5b', null],
    ['/models/http.gguf', null],
    ['http://user:secret@gpu-box', null],
    ['http://', null],
  ])('%s is read as %o', (name, read) => {
    expect(readServerModel(name)).toEqual(read);
  });

  it('is read as it was written', () => {
    for (const modelName of [null, 'team/coder']) {
      const address = 'https://models.example.org/team';
      expect(readServerModel(serverModelName(address, modelName))).toEqual({ address, modelName });
    }
  });

  it('is shown by its host', () => {
    expect(hostOf('https://models.example.org/team')).toBe('models.example.org');
    expect(hostOf('http://gpu-box:8080')).toBe('gpu-box:8080');
  });
});
