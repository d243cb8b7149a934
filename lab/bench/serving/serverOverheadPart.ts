import { median } from '../../../sidecar/numeric/mean.ts';
import { chatMessages } from '../../../sidecar/prompts/chatPrompt.ts';
import { type RenderedPrompt, renderChatTokens } from '../../../sidecar/prompts/chatTokens.ts';
import { leastAlternatives } from '../../../sidecar/engine/remote/textServer.ts';
import type { LlamaServer } from '../baselines/llamaServer.ts';
import { type Figure, type PairedFigure, percentile, type PartResult } from '../figure.ts';
import type { AnswersFile } from '../infill/answersFile.ts';
import type { SuiteContext } from '../suites/suite.ts';
import { ledgerModule } from '../tasks/pythonRenames.ts';
import { askEngine, openServed } from './engineClient.ts';
import { askPlainly } from './plainClient.ts';
import { ProductClient } from './productClient.ts';
import { decodeSpeed, requireTokens, type ServedText } from './servedText.ts';
import type { OverheadMeasurement, ServingMeasurement } from './servingMeasurements.ts';

/** Tokens of each answer. */
const tokens = 64;
/** A prompt of a usual length whose answer is long. */
const question = `${ledgerModule}\nExplain this module line by line, at length. Then show how each function is used.`;

/** A question and the prompt that the product makes of it. */
export interface AskedPrompt extends RenderedPrompt {
  readonly question: string;
}

/** One client against another, on the same server. */
export interface ClientPair {
  readonly name: string;
  readonly subjectName: string;
  readonly baselineName: string;
  readonly subject: (prompt: AskedPrompt) => Promise<ServedText>;
  readonly baseline: (prompt: AskedPrompt) => Promise<ServedText>;
}

interface Measuring extends Pick<SuiteContext, 'rounds' | 'note'> {
  /** A prompt that no other variant has. */
  readonly promptFor: (variant: string) => Promise<AskedPrompt>;
}

type Context = Pick<SuiteContext, 'bundleFolder' | 'rounds' | 'note' | 'signal'>;

/**
 * What a request through the engine, and through the whole sidecar, costs beside the shortest client there can be; and what the
 * probabilities of the alternatives cost the server. All of the prompt but its end is in the server's cache, so that reading it hides nothing.
 */
export async function serverOverheadPart(
  server: LlamaServer,
  measured: AnswersFile<ServingMeasurement>,
  context: Context,
): Promise<PartResult> {
  const { bundleFolder, signal } = context;
  const { engine, model } = await openServed(server.origin, 1, signal);
  const product = await ProductClient.start(bundleFolder, server.origin);
  try {
    const promptFor = async (variant: string): Promise<AskedPrompt> => {
      const asked = `${question} (${variant})`;
      const rendered = await renderChatTokens(model, chatMessages(asked, null, 'direct'), signal);
      return { question: asked, ...rendered };
    };
    const plain = (alternatives: number) => (prompt: AskedPrompt) =>
      askPlainly(server.origin, { prompt: prompt.tokens, tokens, alternatives }, signal);
    const common = { baselineName: 'plain client', baseline: plain(leastAlternatives) };
    const pairs: readonly ClientPair[] = [
      {
        ...{ name: 'engine', subjectName: 'engine', ...common },
        subject: (prompt) => askEngine(model, { prompt: prompt.tokens, tokens }, signal),
      },
      {
        ...{ name: 'sidecar', subjectName: 'sidecar', ...common },
        subject: (prompt) =>
          product.ask({ question: prompt.question, promptText: prompt.text, tokens }, signal),
      },
      {
        name: 'probabilities',
        subjectName: `plain client, ${leastAlternatives} alternatives`,
        subject: plain(leastAlternatives),
        baselineName: 'plain client, none',
        baseline: plain(0),
      },
    ];
    const figures: Figure[] = [];
    const notes: string[] = [];
    for (const pair of pairs) {
      const measurements = await measureClients(pair, measured, { ...context, promptFor });
      figures.push(...overheadFigures(pair, measurements));
      notes.push(differenceNote(pair, measurements));
    }
    return { figures, notes: [promptNote(await promptFor('0')), ...notes] };
  } finally {
    await product.dispose();
    await engine.dispose();
  }
}

/**
 * What tells prompts apart: the digits of their count, last one first. So each prompt differs from the one before it at the same place,
 * and as much of it is read.
 */
function variant(count: number): string {
  return String(count).padStart(3, '0').split('').reverse().join('');
}

/** The pairs of a comparison, those of an interrupted run among them. The first of a pair takes turns. */
export async function measureClients(
  pair: ClientPair,
  measured: AnswersFile<ServingMeasurement>,
  { rounds, note, promptFor }: Measuring,
): Promise<readonly OverheadMeasurement[]> {
  const measurements: OverheadMeasurement[] = [];
  const inTurn = async (round: number): Promise<Pick<OverheadMeasurement, 'subject' | 'baseline'>> =>
    askInTurn(pair, round, [await promptFor(variant(2 * round)), await promptFor(variant(2 * round + 1))]);
  let isWarm = false;
  for (let round = 0; round < rounds; round++) {
    const isIt = (each: ServingMeasurement): each is OverheadMeasurement =>
      each.part === 'overhead' && each.name === pair.name && each.round === round;
    const kept = measured.find(isIt);
    if (kept === undefined) {
      if (!isWarm) await inTurn(rounds);
      isWarm = true;
      const measurement = { part: 'overhead', name: pair.name, round, ...(await inTurn(round)) } as const;
      await measured.add(measurement);
      measurements.push(measurement);
    } else measurements.push(kept);
    note(
      `  ${pair.subjectName} beside ${pair.baselineName}, ${round + 1} of ${rounds}: ${soFar(measurements)}`,
    );
  }
  return measurements;
}

/** Asks both sides, each with a prompt of its own: the second of a pair finds no more of it in the cache than the first. */
async function askInTurn(
  { subject, baseline }: ClientPair,
  round: number,
  [first, second]: readonly [AskedPrompt, AskedPrompt],
): Promise<Pick<OverheadMeasurement, 'subject' | 'baseline'>> {
  const ask = async (client: ClientPair['subject'], prompt: AskedPrompt): Promise<ServedText> => {
    const text = await client(prompt);
    requireTokens(text, tokens);
    return text;
  };
  if (round % 2 === 0) return { subject: await ask(subject, first), baseline: await ask(baseline, second) };
  const asked = await ask(baseline, first);
  return { subject: await ask(subject, second), baseline: asked };
}

/** First tokens, their differences and speeds of a comparison. Pure. */
export function overheadFigures(
  { subjectName, baselineName }: Pick<ClientPair, 'subjectName' | 'baselineName'>,
  measurements: readonly OverheadMeasurement[],
): readonly Figure[] {
  const paired = (
    name: string,
    unit: PairedFigure['unit'],
    of: (text: ServedText) => number,
  ): PairedFigure => ({
    ...{ type: 'paired', name, unit, subjectName, baselineName },
    pairs: measurements.map(({ subject, baseline }) => ({ subject: of(subject), baseline: of(baseline) })),
  });
  return [
    paired('first token', 'ms', ({ firstTokenMs }) => firstTokenMs),
    paired('tokens per second after the first', 'tok/s', decodeSpeed),
    paired('whole answer', 'ms', ({ endMs }) => endMs),
    {
      ...{ type: 'sampled', name: `first token, ${subjectName} less ${baselineName}`, unit: 'ms' },
      samples: differences(measurements),
    },
  ];
}

function differences(measurements: readonly OverheadMeasurement[]): readonly number[] {
  return measurements.map(({ subject, baseline }) => subject.firstTokenMs - baseline.firstTokenMs);
}

function soFar(measurements: readonly OverheadMeasurement[]): string {
  const speeds = measurements.map(({ subject, baseline }) => decodeSpeed(subject) / decodeSpeed(baseline));
  return `first token ${median(differences(measurements)).toFixed(1)} ms later, speed ${median(speeds).toFixed(3)}`;
}

function differenceNote(
  { subjectName, baselineName }: ClientPair,
  measurements: readonly OverheadMeasurement[],
): string {
  const sorted = differences(measurements).toSorted((a, b) => a - b);
  const at = (share: number): string => percentile(sorted, share).toFixed(1);
  return (
    `First token, ${subjectName} less ${baselineName}: median ${median(sorted).toFixed(1)} ms, ` +
    `middle half ${at(0.25)} to ${at(0.75)} ms, lowest ${at(0)} and highest ${at(1)} ms.`
  );
}

function promptNote({ tokens: ids }: RenderedPrompt): string {
  return (
    `Overhead: one slot, a prompt of ${ids.length} tokens of which all but the end is in the server's cache, ${tokens} tokens written greedily. Both ` +
    `of a pair send token ids of the same length, ask for ${leastAlternatives} alternatives of each token unless it says otherwise, and take turns in going first. The plain ` +
    'client is one fetch that splits the stream at blank lines. Of the engine, opening the sequence counts, with the question whether the ' +
    'server still has the same model; of the sidecar also ' +
    'whether the server is there, as the editor asks, tokenizing the question by the server, the trace and the wire.'
  );
}
