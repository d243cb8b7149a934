import type { Model } from '../../../sidecar/engine/engine.ts';
import { uniformAt } from '../../../sidecar/numeric/random.ts';
import type { InfillPartContext } from './infillPart.ts';
import type { InfillTask } from '../tasks/infillTask.ts';
import { type CursorText, InfillPipeline } from './infillPipeline.ts';
import { infillSetKinds, readInfillSet } from './infillSet.ts';
import type { PartResult } from '../figure.ts';

/** Rows whose words are asked about: what is shown there is in the way, and few are enough to see how often. */
const mostRows = 40;
/** Decides which word of each row. */
const seed = 1;

/**
 * Puts the cursor inside a word of functions that lack nothing, and counts how often something is shown: the price of
 * completions where word characters are on both sides of the cursor.
 */
export async function wholeWordPart(
  { infill, dataFolder, bundleFolder, note, signal }: InfillPartContext,
  model: Model,
): Promise<PartResult> {
  const [kind] = infillSetKinds;
  const limit = Math.min(mostRows, infill.limit);
  const { tasks } = await readInfillSet(dataFolder, kind, { rows: infill.rows, limit });
  const places = tasks.map(placeInWord).filter((place) => place !== null);
  const pipeline = await InfillPipeline.open(model, { prompting: {}, reading: 'whole', bundleFolder });
  let shown = 0;
  try {
    for (const place of places) {
      const { items, report } = await pipeline.complete(place, {}, signal);
      if (items.length > 0) shown += 1;
      const [first] = items;
      const result =
        first === undefined
          ? (report.suppressed ?? '')
          : `${JSON.stringify(first.text)} ${first.meanLogprob}`;
      note(
        `  ${JSON.stringify(place.before.slice(-20))} ${JSON.stringify(place.after.slice(0, 20))}: ${result}`,
      );
    }
  } finally {
    await pipeline.dispose();
  }
  const basis = `${shown} of ${places.length} functions that lack nothing`;
  return {
    figures: [
      {
        type: 'single',
        name: 'shown inside a whole word',
        unit: 'share',
        value: shown / places.length,
        basis,
      },
    ],
    notes: [],
  };
}

/** The middle of a word of at least four characters in the body of a row's function; null where there is none. Pure. */
export function placeInWord({ prefix, middle, suffix }: InfillTask, row: number): CursorText | null {
  const code = prefix + middle + suffix;
  const body = Math.max(0, code.lastIndexOf('"""'), code.lastIndexOf("'''"));
  const words = [...code.slice(body).matchAll(/[A-Za-z_]\w{3,}/gu)];
  const word = words[Math.floor(uniformAt(seed, 0, row) * words.length)];
  if (word === undefined) return null;
  const at = body + word.index + Math.ceil(word[0].length / 2);
  return { before: code.slice(0, at), after: code.slice(at), languageId: 'python' };
}
