import { FieldReader } from '../../sidecar/validation/fieldReader.ts';
import type { AnswerSample, SampledQuestion } from './sampledQuestion.ts';

/** A sampled question as one line of JSON: the state as base64 of its floats, statistics to six digits. */
export function encodeSampled(sampled: SampledQuestion): string {
  const { state, openingEntropyNats, samples, ...rest } = sampled;
  return JSON.stringify({
    type: 'question',
    ...rest,
    state: Buffer.from(state.buffer, state.byteOffset, state.byteLength).toString('base64'),
    openingEntropyNats: openingEntropyNats.map(rounded),
    samples: samples.map((sample) => ({ ...sample, meanEntropyNats: rounded(sample.meanEntropyNats) })),
  });
}

/** Reads what `encodeSampled` wrote; null for any other line. */
export function parseSampled(line: string): SampledQuestion | null {
  try {
    const value: unknown = JSON.parse(line);
    const fields = new FieldReader(value, 'question');
    if (fields.string('type') !== 'question') return null;
    const id = fields.optionalToken('id');
    const state = floatsOf(fields.string('state'));
    if (id === undefined || state?.every(Number.isFinite) !== true) return null;
    return {
      id,
      questionHash: fields.string('questionHash'),
      promptTokens: fields.number('promptTokens', count),
      state,
      openingEntropyNats: numbersOf(value, 'openingEntropyNats'),
      samples: listOf(value, 'samples').map(readSample),
    };
  } catch {
    return null;
  }
}

const count = { min: 0, max: 1e9, whole: true };
const ends = ['finished', 'pruned', 'truncated', 'stopped'] as const;

function readSample(value: unknown): AnswerSample {
  const fields = new FieldReader(value, 'sample');
  return {
    temperature: fields.number('temperature', { min: 0, max: 10 }),
    isCorrect: fields.optionalBoolean('isCorrect') ?? false,
    answer: fields.optionalString('answer') ?? null,
    end: fields.oneOf('end', ends),
    thoughtTokens: fields.number('thoughtTokens', count),
    answerTokens: fields.number('answerTokens', count),
    meanEntropyNats: fields.number('meanEntropyNats', { min: 0, max: 1e3 }),
    text: fields.string('text'),
  };
}

function listOf(value: unknown, name: string): readonly unknown[] {
  const list: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, name) : null;
  if (!Array.isArray(list)) throw new TypeError(`${name} is not a list.`);
  return list;
}

function numbersOf(value: unknown, name: string): readonly number[] {
  return listOf(value, name).map((item) => {
    if (typeof item !== 'number') throw new TypeError(`${name} holds something else than numbers.`);
    return item;
  });
}

function floatsOf(base64: string): Float32Array | null {
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length === 0 || bytes.length % 4 !== 0) return null;
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

function rounded(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}
