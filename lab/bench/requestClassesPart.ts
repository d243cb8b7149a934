import type { SamplerSettings } from '../../protocol/traceEvent.ts';
import type { Model } from '../../sidecar/engine/engine.ts';
import { buildInfillPrompt, infillBudget } from '../../sidecar/prompts/infillPrompt.ts';
import { lineGaps } from '../prune/lineGaps.ts';
import { decodeOn, withPrompt } from './decodeRun.ts';
import type { Figure, PartResult } from './figure.ts';
import { chatTokens, openQuestions } from './prompts.ts';
import { type SuiteContext, withModel } from './suites/suite.ts';
import { pythonRenames } from './tasks/pythonRenames.ts';
import { typescriptRenames } from './tasks/typescriptRenames.ts';
import { type Comparison, describePartings, overallRatio, pairedSpeeds } from './textComparison.ts';
import {
  type Contender,
  engineContender,
  latestSpeeds,
  runInTurn,
  type TextRequest,
  type TextRun,
} from './textRun.ts';
import { warmUp } from './warmUp.ts';

const gapCount = 24;
const gapTokens = 32;
const questionTokens = 96;
const candidateCount = 4;
const sampler: SamplerSettings = { temperature: 0.8, topK: 0, topP: 1, minP: 0.05 };
const off = 'off';
const auto = 'auto';

/** A kind of request, and how both sides answer it. */
interface RequestKind {
  readonly name: string;
  readonly requestsFor: (model: Model) => Promise<readonly TextRequest[]>;
  readonly contender: (name: string, model: Model) => Contender;
}

/**
 * What users ask for apart from edits, where little is to be gained: with drafts as the governor chooses them, against
 * none. The worst of them says what drafts may cost.
 */
const kinds: readonly RequestKind[] = [
  { name: 'completions', requestsFor: gapRequests, contender: engineContender },
  { name: 'questions', requestsFor: questionRequests, contender: engineContender },
  {
    name: `${candidateCount} sampled candidates`,
    requestsFor: questionRequests,
    contender: sampledContender,
  },
];

export async function requestClassesPart(context: SuiteContext): Promise<PartResult> {
  const comparisons: { readonly kind: RequestKind; readonly comparison: Comparison }[] = [];
  for (const kind of kinds) {
    const comparison = await compare(context, kind);
    if (comparison.subject.length > 0) comparisons.push({ kind, comparison });
  }
  const overall = comparisons.map(({ kind, comparison }) => overallRatio(kind.name, comparison));
  const [worst] = overall.toSorted((a, b) => a.value - b.value);
  const figures: Figure[] = [
    ...comparisons.map(({ kind, comparison }) => pairedSpeeds(kind.name, comparison)),
    ...overall,
    ...(worst === undefined
      ? []
      : [{ ...worst, name: 'worst kind of request: auto ÷ off', basis: `${worst.name}; ${worst.basis}` }]),
  ];
  const notes = comparisons
    .filter(({ kind }) => kind.contender === engineContender)
    .map(({ kind, comparison }) => describePartings(kind.name, comparison));
  return { figures, notes };
}

/** Each kind meets models that were just loaded, so that none drafts from the answers to another. */
function compare(context: SuiteContext, kind: RequestKind): Promise<Comparison> {
  const { rounds, signal, note } = context;
  return withModel(context, { speculation: 'off' }, (plain) =>
    withModel(context, { speculation: 'auto' }, async (drafting) => {
      const contenders = [kind.contender(off, plain), kind.contender(auto, drafting)];
      await warmUp(plain, contenders, signal);
      const requests = await kind.requestsFor(plain);
      const all = Array.from({ length: rounds }, () => requests).flat();
      const runs = await runInTurn(
        contenders,
        all,
        (index, latest) => {
          note(`  ${kind.name} ${index + 1} of ${all.length}, tok/s: ${latestSpeeds(latest)}`);
        },
        signal,
      );
      const [subject, baseline] = [runs.get(auto) ?? [], runs.get(off) ?? []];
      // Where nothing is to be filled in there is no speed.
      const hasText = (_: unknown, index: number): boolean =>
        [subject, baseline].every((side) => (side[index]?.ids.length ?? 0) > 0);
      return {
        subjectName: auto,
        subject: subject.filter(hasText),
        baselineName: off,
        baseline: baseline.filter(hasText),
      };
    }),
  );
}

/** Lines of the files of the edit tasks, each to be filled in. None for a model that fills no gaps. */
async function gapRequests(model: Model): Promise<readonly TextRequest[]> {
  if (model.info.infill === null) return [];
  const files = [...pythonRenames, ...typescriptRenames].map(({ source }) => source);
  return Promise.all(
    lineGaps(files, gapCount).map(async (gap) => ({
      prompt: await buildInfillPrompt(model, gap, infillBudget),
      tokens: gapTokens,
      requestClass: 'completion' as const,
    })),
  );
}

function questionRequests(model: Model): Promise<readonly TextRequest[]> {
  return Promise.all(
    openQuestions.map(async (question) => ({
      prompt: await chatTokens(model, question),
      tokens: questionTokens,
      requestClass: 'chat' as const,
    })),
  );
}

/** Several candidates at once, each with a seed of its own; their tokens together by the time of the last. */
function sampledContender(name: string, model: Model): Contender {
  return {
    name,
    run: ({ prompt, tokens, requestClass }, signal) =>
      withPrompt(
        model,
        prompt,
        async (sequence): Promise<TextRun> => {
          const candidates = await sequence.fork(candidateCount, signal);
          try {
            const startMs = performance.now();
            const runs = await Promise.all(
              candidates.map((candidate, index) =>
                decodeOn(candidate, { tokens, sampler, seed: index + 1, alternatives: 5 }, signal),
              ),
            );
            const seconds = (performance.now() - startMs) / 1000;
            const ids = runs.flatMap((run) => run.ids);
            return {
              ids,
              text: '',
              tokensPerSecond: ids.length / seconds,
              drafts: runs.flatMap((run) => run.drafts),
              margins: [],
            };
          } finally {
            await Promise.all(candidates.map((candidate) => candidate.dispose()));
          }
        },
        signal,
        requestClass,
      ),
  };
}
