import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { exportHtml } from '../../../../sidecar/trace/htmlExport.ts';
import { TraceWriter } from '../../../../sidecar/trace/traceFile.ts';
import { generatedTrace } from '../../../support/trace/generatedTrace.ts';

let folder: string;
let outputPath: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'entropane-export-'));
  outputPath = path.join(folder, 'trace.html');
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function writeAssets(script = 'let a = 1 < 2;', style = 'body { color: red }'): Promise<void> {
  await writeFile(path.join(folder, 'replay.js'), script);
  await writeFile(path.join(folder, 'replay.css'), style);
}

const hashOf = (source: string): string => `sha256-${createHash('sha256').update(source).digest('base64')}`;

describe('exportHtml', () => {
  it('embeds events that come out as they went in', async () => {
    await writeAssets();
    const title = '</script><script>alert(1)</script> & <!-- \u2028 "quoted"';
    const events = generatedTrace({ title });
    await exportHtml({ events, assetsDir: folder, outputPath });
    const html = await readFile(outputPath, 'utf8');
    const json =
      /<script type="application\/json" id="trace-events">([^<]*)<\/script>/u.exec(html)?.[1] ?? '';
    expect(JSON.parse(json)).toEqual(events);
    expect(html).not.toContain('alert(1)</script>');
    expect(html).toContain('<title>&lt;/script&gt;&lt;script&gt;alert(1)');
  });

  it('allows the script and style it carries, and nothing else', async () => {
    await writeAssets();
    await exportHtml({ events: generatedTrace(), assetsDir: folder, outputPath });
    const html = await readFile(outputPath, 'utf8');
    const policy = /http-equiv="Content-Security-Policy" content="([^"]+)"/u.exec(html)?.[1];
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain(`script-src '${hashOf('let a = 1 < 2;')}'`);
    expect(policy).toContain(`style-src '${hashOf('body { color: red }')}'`);
  });

  it('writes what would begin a comment in its script in another way that means the same', async () => {
    await writeAssets('const begin = "<!--", found = /<!--/u;');
    await exportHtml({ events: generatedTrace(), assetsDir: folder, outputPath });
    const html = await readFile(outputPath, 'utf8');
    const written = 'const begin = "\\x3c!--", found = /\\x3c!--/u;';
    expect(html).toContain(`<script>${written}</script>`);
    expect(html).toContain(`script-src '${hashOf(written)}'`);
  });

  it('replaces an earlier export and leaves nothing else behind', async () => {
    await writeAssets();
    await writeFile(outputPath, 'an earlier export');
    await exportHtml({ events: generatedTrace(), assetsDir: folder, outputPath });
    expect(await readFile(outputPath, 'utf8')).toContain('<!DOCTYPE html>');
    expect((await readdir(folder)).sort()).toEqual(['replay.css', 'replay.js', 'trace.html']);
  });

  it.skipIf(process.platform === 'win32')('is for its owner alone, as the trace is', async () => {
    await writeAssets();
    await writeFile(outputPath, 'an earlier export that anybody may read', { mode: 0o644 });
    await exportHtml({ events: generatedTrace(), assetsDir: folder, outputPath });
    const trace = new TraceWriter(path.join(folder, 'trace.jsonl'));
    trace.close();
    const modes = [outputPath, trace.path].map(async (file) => (await stat(file)).mode & 0o777);
    expect(await Promise.all(modes)).toEqual([0o600, 0o600]);
  });

  it('refuses a script that would end its own element', async () => {
    await writeAssets('const end = "</script>";');
    const exported = exportHtml({ events: generatedTrace(), assetsDir: folder, outputPath });
    await expect(exported).rejects.toThrow('replay.js');
    expect(await readdir(folder)).not.toContain('trace.html');
  });

  it('says what is missing', async () => {
    const events = generatedTrace();
    await expect(exportHtml({ events, assetsDir: folder, outputPath })).rejects.toMatchObject({
      code: 'library.missing',
    });
    await writeAssets();
    await expect(exportHtml({ events: [], assetsDir: folder, outputPath })).rejects.toMatchObject({
      code: 'trace.unreadable',
    });
    const nowhere = path.join(folder, 'no-such-folder', 'trace.html');
    await expect(exportHtml({ events, assetsDir: folder, outputPath: nowhere })).rejects.toMatchObject({
      code: 'store.unwritable',
    });
  });
});
