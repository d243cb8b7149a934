import type { HostToPanel, PanelToHost } from '../../protocol/panelMessages.ts';

/** The program that shows the panel: in VS Code the extension host; for a trace in a plain browser, the page itself. */
export interface PanelHost {
  /** `live` can steer, ask and open other traces; `replay` shows one trace and nothing else. */
  readonly mode: 'live' | 'replay';
  post(message: PanelToHost): void;
  /** Calls back for every message until the returned function is called. */
  subscribe(receive: (message: HostToPanel) => void): () => void;
}

interface VsCodeApi {
  postMessage(message: PanelToHost): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

const hostMessageTypes: ReadonlySet<unknown> = new Set<HostToPanel['type']>([
  'trace/snapshot',
  'trace/append',
  'traces/listed',
  'health/changed',
  'difficulty/changed',
  'context/changed',
  'question/accepted',
  'files/found',
]);

/** The extension host. May be called once per page: VS Code hands its API out only once. */
export function connectVsCodeHost(): PanelHost {
  const api = acquireVsCodeApi();
  return {
    mode: 'live',
    post: (message) => {
      api.postMessage(message);
    },
    subscribe: (receive) => {
      const onMessage = (event: MessageEvent<unknown>): void => {
        if (isHostMessage(event.data)) receive(event.data);
      };
      window.addEventListener('message', onMessage);
      return () => {
        window.removeEventListener('message', onMessage);
      };
    },
  };
}

/** Others post to a window too, such as browser add-ons; the host's messages are known by their type. */
function isHostMessage(data: unknown): data is HostToPanel {
  return typeof data === 'object' && data !== null && 'type' in data && hostMessageTypes.has(data.type);
}
