import { describe, test } from 'vitest';
import type { SelectorId } from '../../../../../protocol/traceEvent.ts';
import {
  scriptBySequence,
  type ScriptedPart,
  type ScriptedToken,
  splitWords,
} from '../../../../../sidecar/engine/scripted/script.ts';
import { runScripted } from '../../../../support/engine/scriptedRequest.ts';
import { expectGolden } from '../../../../support/trace/golden.ts';
import { renderTrace } from '../../../../support/trace/traceText.ts';

/** Words whose first choice has this share of the probability, four others the rest, with these entropies in turn. */
function words(text: string, share: number, entropies: readonly number[]): readonly ScriptedToken[] {
  const rest = Math.log((1 - share) / 4);
  return splitWords(text).map((word, index) => ({
    text: word,
    entropyNats: entropies[index % entropies.length] ?? 0,
    alternatives: [Math.log(share), rest, rest, rest, rest].map((logprob, id) => ({
      id,
      text: word,
      logprob,
    })),
  }));
}

const steady = [0.1];
const restless = [0.1, 0.1, 2.4];

function candidate(
  thought: string,
  answer: string,
  share: number,
  entropies = steady,
): readonly ScriptedPart[] {
  return [words(`${thought}\nFinal answer:`, share, entropies), words(` ${answer}\n`, share, entropies)];
}

/** Candidates about which no two ways to select agree: most say 12, hedging; the surest says 7; the steadiest two say 9. */
const script = scriptBySequence([
  candidate('Perhaps 4 legs each, I think, so 3 * 4 = 12.', '12', 0.5, restless),
  candidate('Maybe 4 for each cat, it seems, 12 in all.', '12', 0.52, restless),
  candidate('Might be 4 legs each, I guess, so it is 12.', '12', 0.51, restless),
  candidate('Three legs each make 9 in all.', '9', 0.9),
  candidate('Three legs each, and 3 * 3 is 9 in all.', '9', 0.91),
  candidate('Three and four make 7.', '7', 0.99, restless),
]);

const rules: readonly SelectorId[] = [
  'majority',
  'bestOfMajority',
  'confidenceWeighted',
  'mostConfident',
  'entropySteadiness',
  'hedgeWeighted',
  'minimumRisk',
];

describe('golden traces of selectors', () => {
  test.each(rules)('%s among the same six candidates', async (selector) => {
    const { state, events } = await runScripted(script, {
      request: { strategy: 'selfConsistency', selector, candidateCount: 6 },
    });
    expectGolden(`selector.${selector}`, renderTrace(state, events));
  });

  test('an agreement of none is said to be none', async () => {
    const apart = scriptBySequence([
      candidate('Four legs each, so 12.', '12', 0.95),
      candidate('Three, so 9.', '9', 0.9),
    ]);
    const { state, events } = await runScripted(apart, {
      request: { strategy: 'selfConsistency', selector: 'majority', candidateCount: 2 },
    });
    expectGolden('selector.noAgreement', renderTrace(state, events));
  });
});
