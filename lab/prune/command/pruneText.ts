import {
  couldPay,
  directVerdict,
  type DirectVerdict,
  draftVerdict,
  type MeasuredRatio,
  type SkipMeasurement,
  type SkipProfile,
} from '../../../sidecar/layerSkip/skipProfile.ts';
import type { TextQuality } from '../../../sidecar/layerSkip/textQuality.ts';
import type { HealingRecord } from '../healingRecord.ts';
import type { PlanMeasurement } from '../prunePlan.ts';

/** One way to leave blocks out, as it was measured. */
export interface ComparedPlan {
  readonly name: string;
  readonly droppedBlocks: readonly number[];
  readonly quality: TextQuality;
  readonly decodeSpeed: MeasuredRatio;
}

const kindNames = { document: 'documents', infill: 'gaps', chat: 'chats' } as const;

/** What a plan was measured to cost, in one line. */
export function qualityLine({ quality }: Pick<PlanMeasurement, 'quality'>): string {
  const kinds = Object.entries(kindNames).flatMap(([kind, name]) => {
    const of = quality.kinds[kind as keyof typeof kindNames];
    return of === undefined ? [] : [`${name} ${percent(of.greedyAgreement)}`];
  });
  return (
    `perplexity ${quality.perplexityRatio.toFixed(3)} times the whole model's, ` +
    `${percent(quality.greedyAgreement)} of greedy tokens the same (${kinds.join(', ')}; ` +
    `${quality.tokenCount} tokens)`
  );
}

/** What healing did, a line for each gap. Pure. */
export function healingLines({ tokens, blocks }: HealingRecord): readonly string[] {
  const share = (value: number): string => value.toFixed(2);
  return blocks.map(
    ({ block, target, errorBefore, errorAfter }) =>
      `block ${block} makes up for ${block + 1 === target ? `${target}` : `${block + 1} to ${target}`}: ` +
      `misses ${share(errorAfter)} of what is to be added, ${share(errorBefore)} unhealed (${tokens} tokens)`,
  );
}

/** A table of plans, best agreement first. */
export function planTable(plans: readonly ComparedPlan[]): readonly string[] {
  const rows = plans
    .toSorted((a, b) => b.quality.greedyAgreement - a.quality.greedyAgreement)
    .map(({ name, droppedBlocks, quality, decodeSpeed }) => [
      name,
      droppedBlocks.join(', '),
      ...qualityCells(quality),
      speedCell(decodeSpeed),
    ]);
  return layOut([['plan', 'without blocks', 'perplexity', 'same greedy tokens', 'decode speed'], ...rows]);
}

/** What is known of a file as soon as its speed is. Pure. */
export function speedLine(decodeSpeed: MeasuredRatio): string {
  const speed = `decodes ${speedCell(decodeSpeed)} of the whole model`;
  if (couldPay(decodeSpeed)) return `${speed}; what it writes is measured now`;
  return `${speed}, too little to pay whatever it writes; Ctrl+C ends measuring that, and then nothing is kept`;
}

/** A model's skip profile, and what it says of each use. `model` is what the command was told. */
export function profileLines({ sourceName, measurements }: SkipProfile, model: string): readonly string[] {
  if (measurements.length === 0) {
    return [
      `Nothing was measured of smaller copies of ${sourceName} yet. To write and measure one:`,
      `  entropane prune ${model} --count 2 --by loss --output smaller.gguf`,
      `  entropane prune ${model} --compare smaller.gguf`,
    ];
  }
  return measurements.flatMap((measurement) => [
    measurement.path,
    ...measurementLines(measurement).map((line) => `  ${line}`),
  ]);
}

function measurementLines(measurement: SkipMeasurement): readonly string[] {
  const { droppedBlocks, isHealed, quality, decodeSpeed, measuredAt, machine } = measurement;
  const { draftAcceptance, filledLines } = measurement;
  const direct = directVerdict(measurement);
  const draft = draftVerdict(measurement);
  return [
    `without blocks ${droppedBlocks.join(', ')}${isHealed ? ', healed' : ''}; ${qualityLine({ quality })}`,
    `decodes ${speedCell(decodeSpeed)} of the whole model; measured ${measuredAt} on ${machine}`,
    ...(draftAcceptance === null ? [] : [`drafts accepted: ${percent(draftAcceptance)}`]),
    ...(filledLines === null
      ? []
      : [
          `lines filled in as they were: ${percent(filledLines.smaller)}, by the whole model ` +
            `${percent(filledLines.whole)} (${filledLines.lines} lines)`,
        ]),
    `answering by itself ${findingWords[direct.finding]}: ${direct.why}`,
    `drafting ${draft.pays ? 'may pay' : 'does not pay'}: ${draft.why}`,
  ];
}

const findingWords: Readonly<Record<DirectVerdict['finding'], string>> = {
  pays: 'pays',
  doesNotPay: 'does not pay',
  notShown: 'was not shown to pay',
};

const qualityCells = ({ perplexityRatio, greedyAgreement }: TextQuality): readonly string[] => [
  `${perplexityRatio.toFixed(3)} ×`,
  percent(greedyAgreement),
];

const speedCell = ({ median, low, high }: MeasuredRatio): string =>
  `${median.toFixed(2)} × (${low.toFixed(2)} to ${high.toFixed(2)})`;

function layOut(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
