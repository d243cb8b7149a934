// Runs inside the extension host of a desktop VS Code; see scripts/testDesktop.mjs.
const assert = require('node:assert/strict');
const vscode = require('vscode');
const manifest = require('../../package.json');

/** Rejects when the extension does not activate or lacks a command that its manifest declares. */
exports.run = async function run() {
  const extension = vscode.extensions.getExtension(`${manifest.publisher}.${manifest.name}`);
  assert.ok(extension, 'the extension is installed');
  await extension.activate();
  const registered = new Set(await vscode.commands.getCommands(true));
  const missing = manifest.contributes.commands.filter(({ command }) => !registered.has(command));
  assert.deepEqual(missing, [], 'every declared command is registered');
};
