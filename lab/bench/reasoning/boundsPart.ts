import { boundEntropy } from '../../../sidecar/engine/boundedEntropy.ts';
import type { Model, TokenStep } from '../../../sidecar/engine/engine.ts';
import { leastAlternatives } from '../../../sidecar/engine/remote/textServer.ts';
import { requireLocal } from '../../../sidecar/engine/requireLocal.ts';
import { mean, median } from '../../../sidecar/numeric/mean.ts';
import { chatMessages } from '../../../sidecar/prompts/chatPrompt.ts';
import { renderChatTokens } from '../../../sidecar/prompts/chatTokens.ts';
import {
  boundThresholds,
  classOf,
  probePrefixTokens,
  uncalibratedThresholds,
} from '../../../sidecar/reasoning/difficulty/entropyRule.ts';
import { greedyRequest } from '../../prune/greedyText.ts';
import type { SuiteContext } from '../suites/suite.ts';
import type { QuestionSet } from './questionSet.ts';
import type { PartResult } from '../figure.ts';

/** Mean entropy of the first tokens of a thought in nats: as the engine computes it, and the bounds that a server would give. */
export interface OpeningEntropy {
  readonly exactNats: number;
  readonly lowerNats: number;
  readonly upperNats: number;
}

/**
 * What is lost of an entropy where only the most likely alternatives are known, as of a server: the first tokens of a thought about each
 * question, with both. Shows how often the rule judges a question otherwise, and the exact thresholds times the median of lower bound ÷ exact entropy.
 */
export async function boundsPart(
  {
    note,
    signal,
    reasoning: { from, limit },
  }: Pick<SuiteContext, 'note' | 'signal'> & {
    readonly reasoning: Pick<SuiteContext['reasoning'], 'from' | 'limit'>;
  },
  model: Model,
  { name, questions }: QuestionSet,
): Promise<PartResult> {
  const openings: OpeningEntropy[] = [];
  for (const { question } of questions.slice(from, from + limit)) {
    openings.push(await openingOf(model, question, signal));
    if (openings.length % 20 === 0) note(`  bounds of an entropy: ${openings.length} questions`);
  }
  return reportBounds(openings, name);
}

async function openingOf(model: Model, question: string, signal: AbortSignal): Promise<OpeningEntropy> {
  const { tokens } = await renderChatTokens(model, chatMessages(question, null, 'stepByStep'), signal);
  const sequence = await model.openSequence({ priority: 'background' }, signal);
  try {
    await sequence.append(tokens, signal);
    const request = { ...greedyRequest(probePrefixTokens), alternatives: leastAlternatives };
    const steps: TokenStep[] = [];
    for await (const batch of sequence.generate(request, signal)) steps.push(...batch);
    const { vocabularySize } = requireLocal(model.info);
    const bounds = steps.map(({ alternatives, logprob }) =>
      boundEntropy(
        alternatives.map((each) => each.logprob),
        { drawn: logprob, vocabularySize },
      ),
    );
    return {
      exactNats: mean(steps.map(({ entropyNats }) => entropyNats)),
      lowerNats: mean(bounds.map(({ lowerNats }) => lowerNats)),
      upperNats: mean(bounds.map(({ upperNats }) => upperNats)),
    };
  } finally {
    await sequence.dispose();
  }
}

/** Figures and notes of the openings of a set. Pure. */
export function reportBounds(openings: readonly OpeningEntropy[], setName: string): PartResult {
  const basis = `${openings.length} questions of ${setName}, ${leastAlternatives} alternatives of each of ${probePrefixTokens} tokens`;
  const share = (thresholds: typeof boundThresholds): number =>
    mean(
      openings.map(({ exactNats, lowerNats }) =>
        classOf(exactNats, uncalibratedThresholds) === classOf(lowerNats, thresholds) ? 1 : 0,
      ),
    );
  const ratio = (of: (opening: OpeningEntropy) => number): number =>
    median(openings.filter(({ exactNats }) => exactNats > 0).map((each) => of(each) / each.exactNats));
  const lower = ratio(({ lowerNats }) => lowerNats);
  const [easy, hard] = [uncalibratedThresholds.easyUpToNats, uncalibratedThresholds.hardFromNats].map(
    (nats) => (nats * lower).toFixed(3),
  );
  const figure = (name: string, unit: 'ratio' | 'share', value: number) =>
    ({ type: 'single', name, unit, value, basis }) as const;
  return {
    figures: [
      figure(
        'lower bound ÷ exact mean entropy, median',
        'ratio',
        ratio(({ lowerNats }) => lowerNats),
      ),
      figure(
        'upper bound ÷ exact mean entropy, median',
        'ratio',
        ratio(({ upperNats }) => upperNats),
      ),
      figure('judged alike with the thresholds of exact entropies', 'share', share(uncalibratedThresholds)),
      figure('judged alike with those of lower bounds', 'share', share(boundThresholds)),
    ],
    notes: [
      `The thresholds of exact entropies times the median ratio of the lower bound: ${easy} and ${hard} nats.`,
    ],
  };
}
