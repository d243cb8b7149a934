import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { commandIds } from '../../extension/config/commandIds.ts';
import { tooltipCommands } from '../../extension/statusBar/statusBarView.ts';
import larger from '../../protocol/largerModel.json' with { type: 'json' };
import { findInCatalogue } from '../../sidecar/models/catalogue.ts';
import { hasPlaceholder, shippedManifest } from '../../scripts/vsix/shippedManifest.mjs';
import { vsixContents } from '../../scripts/vsix/vsixContents.mjs';
import { checkout, declaredSettings, manifest } from '../support/machine/manifest.ts';

const { contributes } = manifest;
const menuItems = Object.values(contributes.menus).flat();
const steps = contributes.walkthroughs.flatMap((walkthrough) => walkthrough.steps);
const sources = readdirSync(path.join(checkout, 'extension'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => ({ name, text: readFileSync(path.join(checkout, 'extension', name), 'utf8') }));

test('the larger model that set-up and walkthrough suggest can be fetched by its name', () => {
  expect(findInCatalogue(larger.name)?.serves).toContain('questions');
});

describe('commands', () => {
  it('are contributed and registered alike', () => {
    expect(contributes.commands.map((command) => command.command)).toEqual([...commandIds]);
  });

  it.each([
    ['keybindings', contributes.keybindings.map((binding) => binding.command)],
    ['menus', menuItems.flatMap(({ command }) => command ?? [])],
    ['walkthrough links', commandLinks(steps.map((step) => step.description).join())],
    ['settings links', commandLinks([...declaredSettings.values()].map((s) => s.markdownDescription).join())],
    ['tooltip links', [...tooltipCommands]],
    ['events', completionEvents('onCommand')],
  ])('named by %s exist', (_where, ids) => {
    expect(ids.length).toBeGreaterThan(0);
    for (const id of ids) expect(commandIds).toContain(id);
  });
});

describe('context keys', () => {
  it('that clauses and steps wait for are published', () => {
    const publisher = sources.find(({ name }) => name.endsWith('contextKeys.ts'))?.text ?? '';
    const clauses = [
      ...contributes.commands.map((command) => command.enablement),
      ...contributes.keybindings.map((binding) => binding.when),
      ...menuItems.map((item) => item.when),
    ].filter((clause) => clause !== undefined);
    // What stands in quotes is a value that a key of VS Code's own is compared with.
    const names = clauses.flatMap((clause) => clause.replace(/'[^']*'/g, '').match(/entropane\.\w+/g) ?? []);
    const keys = [...names, ...completionEvents('onContext')].map((name) => name.replace('entropane.', ''));
    expect(new Set(keys).size).toBeGreaterThan(1);
    for (const key of keys) expect(publisher).toContain(`'${key}'`);
  });
});

describe('the trace panel', () => {
  it('is handed back by VS Code under the name that menus and activation know', () => {
    const panel = sources.find(({ name }) => name.endsWith('tracePanel.ts'))?.text ?? '';
    const viewType = /tracePanelViewType = '([^']+)'/.exec(panel)?.[1] ?? 'none';
    expect(manifest.activationEvents).toContain(`onWebviewPanel:${viewType}`);
    const ofPanels = menuItems.filter(({ when }) => when?.includes('activeWebviewPanelId') === true);
    expect(ofPanels.length).toBeGreaterThan(2);
    for (const { when } of ofPanels) expect(when).toContain(`'${viewType}'`);
  });
});

describe('submenus', () => {
  it('are filled, and opened by a menu', () => {
    const opened = menuItems.flatMap(({ submenu }) => submenu ?? []);
    expect(opened.length).toBeGreaterThan(0);
    expect(opened).toEqual(contributes.submenus.map(({ id }) => id));
    for (const id of opened) expect(contributes.menus[id]).not.toEqual([]);
  });
});

describe('what an edit would be', () => {
  it('has its buttons and keys by the scheme that the code gives it', () => {
    const preview = sources.find(({ name }) => name.endsWith('editScheme.ts'))?.text ?? '';
    const scheme = /editScheme = '([^']+)'/.exec(preview)?.[1] ?? 'none';
    const clauses = [...menuItems, ...contributes.keybindings]
      .map(({ when }) => when ?? '')
      .filter((when) => when.includes('resourceScheme'));
    expect(clauses.length).toBeGreaterThan(5);
    for (const clause of clauses) expect(clause).toContain(`resourceScheme == '${scheme}'`);
  });
});

describe('files', () => {
  const named = [
    manifest.icon,
    ...contributes.walkthroughs.map((walkthrough) => walkthrough.icon),
    ...steps.map((step) => step.media.markdown),
  ];

  it.each(named)('%s exists', (file) => {
    expect(existsSync(path.join(checkout, file))).toBe(true);
  });

  it('of the walkthrough are all shown', () => {
    const shown = steps.map((step) => path.basename(step.media.markdown));
    expect(readdirSync(path.join(checkout, 'media/walkthrough')).sort()).toEqual(shown.sort());
  });
});

/** Categories that VS Code's marketplace knows, as far as they can suit an extension with a program of its own. */
const knownCategories = ['AI', 'Chat', 'Education', 'Machine Learning', 'Programming Languages', 'Other'];

describe('what the marketplaces show', () => {
  it('is there, and within their limits', () => {
    for (const text of [manifest.displayName, manifest.description, manifest.publisher])
      expect(text.trim().length).toBeGreaterThan(5);
    expect(manifest.description.length).toBeLessThan(200);
    expect(manifest.categories.length).toBeGreaterThan(0);
    expect(manifest.categories.filter((name) => !knownCategories.includes(name))).toEqual([]);
    expect(new Set(manifest.keywords).size).toBe(manifest.keywords.length);
    expect(manifest.keywords.length).toBeGreaterThan(4);
    // The marketplace refuses more.
    expect(manifest.keywords.length).toBeLessThanOrEqual(30);
    expect(manifest.galleryBanner.color).toMatch(/^#[0-9a-f]{6}$/u);
    expect(['dark', 'light']).toContain(manifest.galleryBanner.theme);
  });

  it('names no repository before it has an address, and the licence of the file beside it', () => {
    expect(manifest.repository).toMatchObject({
      type: 'git',
      url: expect.stringMatching(/^https:/u) as string,
    });
    expect('repository' in shippedManifest({ ...manifest })).toBe(!hasPlaceholder(manifest));
    expect(readFileSync(path.join(checkout, 'LICENSE'), 'utf8')).toContain(`${manifest.license} License`);
  });

  it('has a square icon of at least 128 pixels, as a PNG', () => {
    const icon = readFileSync(path.join(checkout, manifest.icon));
    expect(icon.toString('latin1', 1, 4)).toBe('PNG');
    const [width, height] = [icon.readUInt32BE(16), icon.readUInt32BE(20)];
    expect(width).toBe(height);
    expect(width).toBeGreaterThanOrEqual(128);
  });

  it('is a page whose pictures are all in the VSIX, and none of them drawn by a script', () => {
    const target = { platform: 'linux', arch: 'x64', llamaFlavour: 'linux-x64' };
    const rules = vsixContents({ ...target, hasOnnxRuntime: true, folders: {} });
    const media = rules.find(({ from }) => from === 'media');
    const page = readFileSync(path.join(checkout, 'README.md'), 'utf8');
    const pictures = [...page.matchAll(/!\[[^\]]*\]\(([^)\s]+)\)/gu)].map(([, file = '']) => file);
    expect(pictures.length).toBeGreaterThan(2);
    for (const picture of pictures) {
      expect(existsSync(path.join(checkout, picture)), picture).toBe(true);
      expect(picture).toMatch(/^media\/.*\.png$/u);
      expect(picture.replace('media/', '')).toMatch(media?.only ?? /^$/u);
    }
  });
});

describe('where the extension runs', () => {
  it('is where the workspace lies: the machine with the files has the models too', () => {
    expect(manifest.extensionKind).toEqual(['workspace']);
  });
});

describe('stable API only', () => {
  it('asks for no proposals', () => {
    expect(manifest.enabledApiProposals).toBeUndefined();
  });

  it('compiles against the oldest VS Code it claims to run in, and no other typings', () => {
    const oldest = manifest.engines.vscode.replace('^', '');
    expect(manifest.devDependencies['@types/vscode']).toBe(oldest);
    const typings = sources.filter(
      ({ name, text }) => name.endsWith('.d.ts') || text.includes("declare module 'vscode'"),
    );
    expect(typings).toEqual([]);
  });

  // A class may have more members than its interface, so the compiler lets these pass; desktop VS Code throws on them.
  it.each(['handleDidShowCompletionItem', 'handleDidPartiallyAcceptCompletionItem', 'handleEndOfLifetime'])(
    'has no %s',
    (member) => {
      expect(sources.filter(({ text }) => text.includes(member)).map(({ name }) => name)).toEqual([]);
    },
  );
});

function commandLinks(markdown: string): readonly string[] {
  return [...markdown.matchAll(/command:([\w.]+)/g)].map(([, id]) => id ?? '');
}

function completionEvents(kind: string): readonly string[] {
  const events = steps.flatMap((step) => step.completionEvents);
  return events.filter((event) => event.startsWith(`${kind}:`)).map((event) => event.slice(kind.length + 1));
}
