import { describe, expect, it } from 'vitest';
import {
  isLoopback,
  isOpenToOthers,
  readServerAddress,
} from '../../../../../sidecar/engine/remote/serverAddress.ts';

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
