import { useEffect, useState } from 'preact/hooks';
import type { FocusedToken, TokenFocus } from '../state/tokenFocus.ts';

/** The token that the linked views agree on, followed while it changes. */
export function useTokenFocus(focus: TokenFocus): FocusedToken | null {
  const [focused, setFocused] = useState(focus.focused);
  useEffect(() => {
    setFocused(focus.focused);
    return focus.subscribe(() => {
      setFocused(focus.focused);
    });
  }, [focus]);
  return focused;
}
