import { expect, test } from 'vitest';
import { npmCommand, scriptCommand } from '../../../../scripts/setup/batchPrograms.mjs';

test.each([
  ['linux', ['code']],
  ['darwin', ['code']],
  ['win32', ['cmd.exe', '/d', '/c', 'code']],
])('a program that is a script is started on %s by %j', (platform, command) => {
  expect(scriptCommand('code', platform)).toEqual(command);
});

test.each([
  ['linux', '/usr/lib/node_modules/npm/bin/npm-cli.js', ['node', '/usr/lib/node_modules/npm/bin/npm-cli.js']],
  ['win32', 'C:\\node\\npm\\bin\\npm-cli.js', ['node', 'C:\\node\\npm\\bin\\npm-cli.js']],
  ['darwin', '/opt/pnpm/bin/pnpm.cjs', ['npm']],
  ['win32', '', ['cmd.exe', '/d', '/c', 'npm']],
])('npm that was called on %s as %j is %j', (platform, caller, command) => {
  expect(npmCommand({ caller, node: 'node', platform })).toEqual(command);
});
