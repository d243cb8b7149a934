import { cCuts } from './c.ts';
import type { CutRow } from './cutRow.ts';
import { goCuts } from './go.ts';
import { htmlCuts } from './html.ts';
import { pythonCuts } from './python.ts';
import { rustCuts } from './rust.ts';
import { shellCuts } from './shell.ts';
import { typeScriptBlockCuts } from './typeScriptBlocks.ts';
import { typeScriptLineCuts } from './typeScriptLines.ts';

/** Languages that have rows, by the editor's id for them. */
type LanguageId = 'typescript' | 'python' | 'go' | 'rust' | 'c' | 'shellscript' | 'html';

/**
 * What should be inserted of a generated text: expectations of a reader, not a record of what the product does.
 * Several lines are wanted only where a line or a block begins, as with the setting `auto`.
 */
export const goldenCuts: Readonly<Record<LanguageId, readonly CutRow[]>> = {
  typescript: [...typeScriptLineCuts, ...typeScriptBlockCuts],
  python: pythonCuts,
  go: goCuts,
  rust: rustCuts,
  c: cCuts,
  shellscript: shellCuts,
  html: htmlCuts,
};
