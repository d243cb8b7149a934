import { isRecord } from './isRecord.ts';
import type { TraceEvent } from './traceEvent.ts';

type Shape = 'string' | 'number' | 'boolean' | 'object' | 'array' | 'nullable';
type EventOf<T extends TraceEvent['type']> = Extract<TraceEvent, { readonly type: T }>;
type OptionalOf<E> = { [K in keyof E]-?: object extends Pick<E, K> ? K : never }[keyof E];
type MemberOf<T extends TraceEvent['type']> = Exclude<
  keyof EventOf<T>,
  'type' | 'seq' | 'timeMs' | OptionalOf<EventOf<T>>
>;

/** Members each event must carry. `nullable` stands for one that may be null, whose inside is not looked at. */
const members: { readonly [T in TraceEvent['type']]: Readonly<Record<MemberOf<T>, Shape>> } = {
  'request/started': {
    version: 'number',
    requestId: 'string',
    startedAt: 'string',
    kind: 'string',
    title: 'string',
    model: 'object',
    seed: 'number',
    sampler: 'object',
    strategy: 'string',
    candidateCount: 'number',
    budget: 'object',
    promptHash: 'string',
    promptTokenCount: 'number',
  },
  'prefill/finished': { tokenCount: 'number', cachedTokenCount: 'number', durationMs: 'number' },
  'difficulty/decided': {
    difficulty: 'string',
    source: 'string',
    probabilities: 'nullable',
    meanEntropyNats: 'nullable',
    features: 'object',
    why: 'string',
    strategy: 'string',
    temperature: 'number',
    budget: 'object',
    fixedByUser: 'array',
  },
  'candidate/opened': { candidateId: 'number', parent: 'nullable', sampler: 'object' },
  'tokens/appended': { candidateId: 'number', purpose: 'string', tokens: 'object' },
  'cue/appended': { candidateId: 'number', text: 'string', tokenCount: 'number' },
  'trial/answered': {
    candidateId: 'number',
    answer: 'nullable',
    confidence: 'number',
    tokenCount: 'number',
  },
  'value/read': { candidateId: 'number', lineEnds: 'object', answer: 'nullable' },
  'candidate/closed': { candidateId: 'number', end: 'string', answer: 'nullable' },
  'decision/made': { kind: 'string', candidateId: 'nullable', why: 'string' },
  'model/switched': { model: 'object', why: 'string', quality: 'nullable' },
  'speculation/measured': {
    source: 'string',
    draftCount: 'number',
    draftedTokenCount: 'number',
    acceptedTokenCount: 'number',
  },
  'code/parsed': {
    candidateId: 'number',
    languageId: 'string',
    errorCount: 'number',
    firstError: 'nullable',
    durationMs: 'number',
  },
  'verification/finished': {
    candidateId: 'number',
    command: 'string',
    outcome: 'string',
    exitCode: 'nullable',
    output: 'string',
    durationMs: 'number',
  },
  'judgement/made': { checklist: 'array', tokenCount: 'number' },
  'vote/cast': { selector: 'string', tallies: 'array' },
  'answer/selected': { candidateId: 'number', answer: 'nullable', text: 'string' },
  'ledger/updated': { ledger: 'object' },
  'request/finished': { reason: 'string', ledger: 'object', timing: 'object' },
  'request/failed': { error: 'object', ledger: 'object' },
};

/** Members that an event may carry, since logs of earlier versions have none. */
const optionalMembers: Readonly<Partial<Record<TraceEvent['type'], Readonly<Record<string, Shape>>>>> = {
  'difficulty/decided': {
    beatsConstant: 'boolean',
    parameters: 'object',
    isAdaptive: 'boolean',
    offers: 'array',
  } satisfies Record<OptionalOf<EventOf<'difficulty/decided'>>, Shape>,
  'request/started': { context: 'object', thinking: 'string' } satisfies Record<
    OptionalOf<EventOf<'request/started'>>,
    Shape
  >,
  'candidate/opened': { repairs: 'number' } satisfies Record<OptionalOf<EventOf<'candidate/opened'>>, Shape>,
  'verification/finished': { confinement: 'object' } satisfies Record<
    OptionalOf<EventOf<'verification/finished'>>,
    Shape
  >,
};

const tokenColumns = [
  'ids',
  'texts',
  'logprobs',
  'entropyNats',
  'varentropy',
  'margins',
  'alternatives',
  'sources',
] as const;

/** A value read from a trace file as an event, or null when it is none. Token columns must be equally long. */
export function parseTraceEvent(value: unknown): TraceEvent | null {
  return isTraceEvent(value) ? value : null;
}

function isTraceEvent(value: unknown): value is TraceEvent {
  if (!isRecord(value) || !hasShape(value['seq'], 'number') || !hasShape(value['timeMs'], 'number'))
    return false;
  const { type } = value;
  if (typeof type !== 'string' || !isEventType(type)) return false;
  const hasMembers = Object.entries<Shape>(members[type]).every(([name, shape]) => {
    return name in value && hasShape(value[name], shape);
  });
  const hasGoodOptions = Object.entries(optionalMembers[type] ?? {}).every(([name, shape]) => {
    return value[name] === undefined || hasShape(value[name], shape);
  });
  return hasMembers && hasGoodOptions && (type !== 'tokens/appended' || hasEqualColumns(value['tokens']));
}

function isEventType(type: string): type is TraceEvent['type'] {
  return Object.hasOwn(members, type);
}

function hasEqualColumns(tokens: unknown): boolean {
  if (!isRecord(tokens)) return false;
  const isBounded = tokens['entropyUpperNats'] !== undefined;
  const columns = [...tokenColumns, ...(isBounded ? ['entropyUpperNats'] : [])].map((name) => tokens[name]);
  const [first] = columns;
  return Array.isArray(first) && columns.every((c) => Array.isArray(c) && c.length === first.length);
}

function hasShape(value: unknown, shape: Shape): boolean {
  switch (shape) {
    case 'nullable':
      return true;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isRecord(value);
    case 'boolean':
    case 'number':
    case 'string':
      return typeof value === shape;
  }
}
