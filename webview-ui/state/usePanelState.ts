import { useEffect, useState } from 'preact/hooks';
import type { PanelState } from './panelState.ts';
import type { PanelStore } from './panelStore.ts';

/** The store's state, followed while the component is shown. */
export function usePanelState(store: PanelStore): PanelState {
  const [state, setState] = useState(store.state);
  useEffect(() => {
    setState(store.state);
    return store.subscribe(() => {
      setState(store.state);
    });
  }, [store]);
  return state;
}
