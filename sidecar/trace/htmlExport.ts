import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { CodedError } from '../../protocol/codedError.ts';
import type { TraceEvent } from '../../protocol/traceEvent.ts';
import { isDiskFull, systemErrorCode } from '../process/systemError.ts';
import { ownerOnly, replaceFile } from '../storage/replaceFile.ts';
import { escapeMarkup } from './escapeMarkup.ts';

export interface HtmlExportInput {
  readonly events: readonly TraceEvent[];
  /** Folder with the built `replay.js` and `replay.css`: `dist/webview`. */
  readonly assetsDir: string;
  /** An existing file there is replaced, and only by a whole one; its owner alone may read it, as the trace. */
  readonly outputPath: string;
}

/**
 * Writes a trace as one HTML file that opens in any browser, from disk, without a network. Throws `trace.unreadable`
 * for a trace without events, `library.missing` when the built views are not there, `disk.full` or
 * `store.unwritable` when the file cannot be written.
 */
export async function exportHtml(input: HtmlExportInput): Promise<void> {
  const { events, assetsDir, outputPath } = input;
  if (events.length === 0) {
    throw new CodedError(
      'trace.unreadable',
      'The trace has no events, so there is nothing to export.',
      'Choose another trace.',
    );
  }
  const html = traceDocument(events, await readAssets(assetsDir));
  try {
    // It holds what the trace holds.
    await replaceFile(outputPath, html, { mode: ownerOnly });
  } catch (thrown) {
    throw writeFailure(thrown, outputPath);
  }
}

interface Assets {
  readonly script: string;
  readonly style: string;
}

/**
 * The page. Its policy allows the one script and the one style sheet in it, by hash, and nothing else: whatever a
 * model wrote into the trace is data.
 */
function traceDocument(events: readonly TraceEvent[], assets: Assets): string {
  const started = events.find((event) => event.type === 'request/started');
  const title = started?.title ?? 'Trace';
  const policy = [
    `default-src 'none'`,
    `script-src '${sourceHash(assets.script)}'`,
    `style-src '${sourceHash(assets.style)}'`,
    `img-src data:`,
    `base-uri 'none'`,
    `form-action 'none'`,
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>${escapeMarkup(title)} – Entropane</title>
<style>${assets.style}</style>
</head>
<body>
<div id="root"></div>
<script type="application/json" id="trace-events">${embedJson(events)}</script>
<script>${assets.script}</script>
</body>
</html>
`;
}

/** One event a line, so that the file can be searched and compared. No `<` survives, so no tag can begin. */
function embedJson(events: readonly TraceEvent[]): string {
  const lines = events.map((event) => JSON.stringify(event).replaceAll('<', '\\u003c'));
  return `[\n${lines.join(',\n')}\n]`;
}

function sourceHash(source: string): string {
  return `sha256-${createHash('sha256').update(source, 'utf8').digest('base64')}`;
}

/** Source that ends its own element early would spill into the page: better no file than such a one. */
const elementEnd = /<\/(?:script|style)|<!--/iu;

async function readAssets(assetsDir: string): Promise<Assets> {
  const read = async (name: string): Promise<string> => {
    const file = path.join(assetsDir, name);
    let text: string;
    try {
      text = await readFile(file, 'utf8');
    } catch (cause) {
      throw new CodedError(
        'library.missing',
        `The views for the export are missing: ${file} cannot be read.`,
        'Run npm run build, or install the extension again.',
        { cause },
      );
    }
    // A file read as text may begin with a mark that the parser of the page drops, and the hash would not match.
    const trimmed = text.replace(/^\uFEFF/u, '').replaceAll('\r\n', '\n');
    // In a script these occur in literals alone, where the escape means the same.
    const source = name.endsWith('.js') ? trimmed.replaceAll('<!--', '\\x3c!--') : trimmed;
    if (elementEnd.test(source)) throw new Error(`${name} contains the end of its own element.`);
    return source;
  };
  const [script, style] = await Promise.all([read('replay.js'), read('replay.css')]);
  return { script, style };
}

function writeFailure(cause: unknown, outputPath: string): CodedError {
  const code = systemErrorCode(cause);
  if (isDiskFull(cause)) {
    return new CodedError(
      'disk.full',
      `The disk is full, so ${outputPath} was not written.`,
      'Free some space there, or export to another disk.',
      { cause },
    );
  }
  return new CodedError(
    'store.unwritable',
    `${outputPath} cannot be written${code === null ? '' : ` (${code})`}.`,
    'Choose a folder that exists and that you may write to.',
    { cause },
  );
}
