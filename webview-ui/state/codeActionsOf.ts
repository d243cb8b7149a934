import type { TraceState } from '../../protocol/traceState.ts';
import type { CodeActions } from '../markdown/codeActions.ts';
import type { PanelHost } from './panelHost.ts';

/** What a panel can do with code of an answer: all in VS Code; in a page of its own no more than what the browser lets it copy. */
export function codeActionsOf(
  host: PanelHost,
  { started, isGrowing }: Pick<TraceState, 'started'> & { readonly isGrowing: boolean },
): CodeActions {
  if (host.mode === 'replay') return { copy: browserCopy(), insert: null, apply: null, isGrowing };
  return {
    copy: (code) => {
      host.post({ type: 'code/copied', code });
    },
    insert: (code) => {
      host.post({ type: 'code/inserted', code });
    },
    apply:
      // The comparison of an edit is where its code is applied.
      started === null || started.kind === 'edit'
        ? null
        : (code) => {
            host.post({ type: 'code/applied', requestId: started.requestId, code });
          },
    isGrowing,
  };
}

/** Null where the page may not write to the clipboard: browsers allow it to secure pages alone. */
function browserCopy(): CodeActions['copy'] {
  if (!window.isSecureContext) return null;
  return (code) => {
    // A refusal is the browser's, which says so itself.
    void navigator.clipboard.writeText(code).catch(() => undefined);
  };
}
