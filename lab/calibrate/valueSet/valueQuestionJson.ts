import { CodedError } from '../../../protocol/codedError.ts';
import { FieldReader } from '../../../sidecar/validation/fieldReader.ts';
import type { StatePoint, ValueCandidate, ValueQuestion, ValueSetHeader } from './valueQuestion.ts';

/** A question without its states as JSON; entropies are rounded to four decimals. */
export function encodeQuestion({ id, questionHash, promptTokens, candidates }: ValueQuestion): string {
  return JSON.stringify({
    id,
    questionHash,
    promptTokens,
    candidates: candidates.map(({ points, ...candidate }) => ({
      ...candidate,
      points: points.map((point) => ({ ...point, entropyNats: rounded(point.entropyNats) })),
    })),
  });
}

/** Reads what `encodeQuestion` wrote; null for anything else. */
export function parseQuestion(json: string): ValueQuestion | null {
  try {
    const value: unknown = JSON.parse(json);
    const fields = new FieldReader(value, 'question');
    const id = fields.optionalToken('id');
    if (id === undefined) return null;
    return {
      id,
      questionHash: fields.string('questionHash'),
      promptTokens: fields.number('promptTokens', count),
      candidates: listOf(value, 'candidates').map(readCandidate),
    };
  } catch (thrown) {
    if (isMalformed(thrown)) return null;
    throw thrown;
  }
}

/** Reads a header written as JSON; null for anything else. */
export function parseHeader(json: string): ValueSetHeader | null {
  try {
    const fields = new FieldReader(JSON.parse(json), 'header');
    if (fields.string('type') !== 'valueSet') return null;
    const plan = fields.object('plan');
    return {
      type: 'valueSet',
      version: fields.number('version', count),
      modelHash: fields.string('modelHash'),
      modelName: fields.string('modelName'),
      hiddenSize: fields.number('hiddenSize', count),
      promptHash: fields.string('promptHash'),
      plan: {
        samples: plan.number('samples', count),
        temperature: plan.number('temperature', { min: 0, max: 10 }),
        maxThoughtTokens: plan.number('maxThoughtTokens', count),
        seed: plan.number('seed', count),
        skipPreamble: plan.optionalBoolean('skipPreamble') ?? false,
      },
    };
  } catch (thrown) {
    if (isMalformed(thrown)) return null;
    throw thrown;
  }
}

const count = { min: 0, max: 2 ** 32, whole: true };
const ends = ['finished', 'pruned', 'truncated', 'stopped'] as const;
const places = ['lineEnd', 'answer'] as const;

function readCandidate(value: unknown): ValueCandidate {
  const fields = new FieldReader(value, 'candidate');
  return {
    isCorrect: fields.optionalBoolean('isCorrect') ?? false,
    answer: fields.optionalString('answer') ?? null,
    end: fields.oneOf('end', ends),
    isCutOff: fields.optionalBoolean('isCutOff') ?? false,
    thoughtTokens: fields.number('thoughtTokens', count),
    answerTokens: fields.number('answerTokens', count),
    text: fields.string('text'),
    points: listOf(value, 'points').map(readPoint),
  };
}

function readPoint(value: unknown): StatePoint {
  const fields = new FieldReader(value, 'point');
  return {
    place: fields.oneOf('place', places),
    generatedTokens: fields.number('generatedTokens', count),
    characters: fields.number('characters', count),
    entropyNats: fields.number('entropyNats', { min: 0, max: 1e6 }),
  };
}

function listOf(value: unknown, name: string): readonly unknown[] {
  const list: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, name) : null;
  if (!Array.isArray(list)) throw new TypeError(`${name} is not a list.`);
  return list;
}

function isMalformed(thrown: unknown): boolean {
  return thrown instanceof SyntaxError || thrown instanceof TypeError || thrown instanceof CodedError;
}

function rounded(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}
