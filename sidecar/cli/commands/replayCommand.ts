import path from 'node:path';
import { closedTrace } from '../../../protocol/closedTrace.ts';
import { initialTraceState, reduceTraceAll } from '../../../protocol/traceState.ts';
import { exportHtml } from '../../trace/htmlExport.ts';
import { readTraceFile } from '../../trace/traceFile.ts';
import { answerText } from '../answerText.ts';
import { defineCommand, jsonOption, UsageError } from '../command.ts';
import { printable } from '../drawing/cellWidth.ts';
import { answerLines, costLines, searchLines } from '../drawing/requestView.ts';
import { styleFor } from '../drawing/style.ts';

export const replayCommand = defineCommand({
  name: 'replay',
  summary: 'Show a trace file again, in the terminal or as one HTML file',
  usage: 'replay FILE [--html OUT]',
  options: {
    html: { type: 'string', placeholder: 'OUT', description: 'Write the self-contained HTML view there' },
    ...jsonOption,
  },
  run: async ({ values, positionals, terminal }) => {
    const [filePath, ...rest] = positionals;
    if (filePath === undefined || rest.length > 0) throw new UsageError('"replay" takes one trace file.');
    const events = closedTrace(await readTraceFile(filePath));
    const state = reduceTraceAll(initialTraceState, events);
    if (values.html !== undefined) {
      const outputPath = path.resolve(values.html);
      await exportHtml({ events, assetsDir: path.join(__dirname, 'webview'), outputPath });
      if (values.json === true) terminal.print(JSON.stringify({ type: 'result', path: outputPath }));
      else terminal.print(outputPath);
      return 0;
    }
    if (values.json === true) {
      const { started, selected, ledger, status, vote } = state;
      terminal.print(JSON.stringify({ type: 'result', started, status, vote, selected, ledger }));
      return 0;
    }
    const options = { columns: terminal.output.columns(), style: styleFor(terminal.output) };
    const { selected, started } = state;
    const isAnswer = selected !== null && started !== null && started.kind !== 'completion';
    const lines = [
      ...searchLines(state, options),
      ...(isAnswer ? answerLines(answerText(selected), options) : []),
      ...costLines(state, options),
      '',
      printable(selected?.text ?? ''),
    ];
    terminal.print(lines.join('\n').trimEnd());
    return 0;
  },
});
