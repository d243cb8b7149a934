import { render } from 'preact';
import { closedTrace } from '../../protocol/closedTrace.ts';
import { CodedError } from '../../protocol/codedError.ts';
import { parseTrace } from '../../protocol/parseTrace.ts';
import { parseTraceEvent } from '../../protocol/parseTraceEvent.ts';
import type { TraceEvent } from '../../protocol/traceEvent.ts';
import { animationFrames } from '../state/animationFrames.ts';
import { PanelStore } from '../state/panelStore.ts';
import { Panel } from '../views/Panel.tsx';
import { OpenTrace } from './OpenTrace.tsx';
import './replay.css';
import { ReplayBar } from './ReplayBar.tsx';
import { ReplayHost } from './replayHost.ts';

/** The views of the panel in a plain browser: on the events embedded in the page, else on a file of the reader's. */
function start(): void {
  const root = document.getElementById('root');
  if (root === null) throw new Error('The page has no element with the id "root" to draw in.');
  followSystemTheme();
  const events = embeddedEvents();
  if (events !== null) {
    showTrace(root, events);
    return;
  }
  const open = (text: string, fileName: string): string | null => {
    try {
      showTrace(root, closedTrace(parseTrace(text, fileName)));
      return null;
    } catch (thrown) {
      if (thrown instanceof CodedError) return `${thrown.message} ${thrown.remedy}`;
      throw thrown;
    }
  };
  render(<OpenTrace onOpen={open} />, root);
}

function showTrace(root: Element, events: readonly TraceEvent[]): void {
  const host = new ReplayHost(events);
  const store = new PanelStore(host, animationFrames);
  render(<Panel store={store} host={host} foot={<ReplayBar host={host} />} />, root);
  store.connect();
}

/** The events that `exportHtml` put into the page, or null in a page that has none. */
function embeddedEvents(): readonly TraceEvent[] | null {
  const text = document.getElementById('trace-events')?.textContent;
  if (text === undefined) return null;
  const values: unknown = JSON.parse(text);
  if (!Array.isArray(values)) throw new Error('The embedded trace is not a list of events.');
  return values.map((value: unknown) => {
    const event = parseTraceEvent(value);
    if (event === null) throw new Error('The embedded trace holds something that is not an event.');
    return event;
  });
}

/** Sets the class that VS Code would set, by the system's light or dark scheme. */
function followSystemTheme(): void {
  const dark = window.matchMedia('(prefers-color-scheme: dark)');
  const contrast = window.matchMedia('(prefers-contrast: more)');
  const apply = (): void => {
    const theme = contrast.matches
      ? dark.matches
        ? 'vscode-high-contrast'
        : 'vscode-high-contrast-light'
      : dark.matches
        ? 'vscode-dark'
        : 'vscode-light';
    document.body.className = theme;
  };
  apply();
  dark.addEventListener('change', apply);
  contrast.addEventListener('change', apply);
}

start();
