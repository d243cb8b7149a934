import type { Script, ScriptedPart } from '../../../sidecar/engine/scripted/script.ts';

/** A line whose every token has this probability. */
export function line(text: string, probability: number): ScriptedPart {
  return [...text.split(/(?= )/u), '\n'].map((word) => ({ text: word, logprob: Math.log(probability) }));
}

/** What a thought writes next, by what it has written; sequences that share it differ by number. */
type Continuation = (written: string, sequence: number) => ScriptedPart;

/** A model that thinks by continuation, and answers 12 behind the marker. */
export const thinking =
  (next: Continuation): Script =>
  ({ text, sequence }) => {
    const written = text.slice(text.lastIndexOf('assistant\n') + 'assistant\n'.length);
    return /final answer:$/iu.test(written) ? ' 12\n' : next(written, sequence);
  };

/** Steps without end, none like another. */
export const endless: Script = thinking((written, sequence) =>
  line(`Step ${written.length} by ${sequence}.`, 0.5),
);
