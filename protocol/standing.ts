/** One comparison of docs/BENCHMARKS.md; a contract test compares its numbers with the row. */
export interface StandingFigure {
  /** As it is written for the screen; in lower case it is the model's name in the catalogue. */
  readonly model: string;
  readonly set: 'gsm8k-bench' | 'humaneval';
  /** First cell of the row, as it is written there. */
  readonly row: string;
  /** Share of right answers, in percent. */
  readonly right: number;
  /** The other side of the comparison, on the same questions. */
  readonly against: { readonly name: OtherSide; readonly right: number };
  /** Generated tokens, divided by those of the other side. */
  readonly tokenRatio: number;
  readonly questions: number;
}

/**
 * What a figure compares with: one whole greedy thought, one greedy program without a thought, a plain vote of the same
 * candidates, the same vote without an early stop, or a larger model without routing.
 */
type OtherSide = 'oneThought' | 'oneProgram' | 'majority' | 'allCandidates' | 'largerModel';

/** What the bench says of a strategy, a selector or an early stop. */
export type Standing =
  /** What the others are compared with. */
  | { readonly kind: 'baseline' }
  /** Experimental, and without a figure so far. */
  | { readonly kind: 'unmeasured' }
  | MeasuredStanding;

/** `measured` was ahead on `enoughQuestions`, or with an interval above 0; `experimental` lost, or was not shown to pay. */
interface MeasuredStanding {
  readonly kind: 'measured' | 'experimental';
  /** What the kind goes by. */
  readonly figure: StandingFigure;
  /** The same on other models, which the user reads beside it. */
  readonly besides?: readonly StandingFigure[];
}

/** On fewer questions an advantage may be chance. */
export const enoughQuestions = 100;

/** Model and set of most figures. */
export const gsm8k = { model: 'Qwen2.5-Coder-1.5B', set: 'gsm8k-bench' } as const;

/** A figure in words, without a full stop. */
export function figureText({ model, right, against, tokenRatio, questions }: StandingFigure): string {
  const shares = `${right} % right against ${against.right} %${otherWords[against.name]}`;
  const tokens = tokenRatio === 1 ? '' : ` at ${ratio(tokenRatio)} times the tokens`;
  return `${shares}, ${questions} questions${tokens} (${model})`;
}

/** The figures of a standing in words, without a full stop. */
export function standingText({ kind, figure, besides = [] }: MeasuredStanding): string {
  const { right, against } = figure;
  const isAheadByChance =
    kind === 'experimental' && right > against.right && figure.questions < enoughQuestions;
  const texts = [figure, ...besides].map(figureText).join('; ');
  return isAheadByChance ? `${texts}, too few questions to tell` : texts;
}

/**
 * What the help and a setting's choice say: the meaning, and the figures where it is experimental or where models differ.
 */
export function textWithStanding(meaning: string, standing: Standing): string {
  switch (standing.kind) {
    case 'baseline':
      return meaning;
    case 'unmeasured':
      return `Experimental: ${meaning} Not measured yet.`;
    case 'experimental':
      return `Experimental: ${meaning} ${standingText(standing)}.`;
    case 'measured':
      return standing.besides === undefined ? meaning : `${meaning} ${standingText(standing)}.`;
  }
}

const otherWords: Readonly<Record<OtherSide, string>> = {
  oneThought: '',
  oneProgram: ' for one greedy program',
  majority: ' for a plain majority',
  allCandidates: ' for all candidates',
  largerModel: ' for the larger model alone',
};

function ratio(value: number): string {
  return value < 2 ? value.toFixed(2) : value.toPrecision(2);
}
