import { InlineCompletionTriggerKind } from 'vscode-languageserver/node';
import type { Attachment } from '../../protocol/attachment.ts';
import type { Budget } from '../../protocol/budget.ts';
import type { EditDiagnostic, EditDocument, EditKind, EditParams } from '../../protocol/edit.ts';
import type {
  AskParams,
  AssumedText,
  CompleteParams,
  ContextOffer,
  DifficultyParams,
  DocumentPosition,
  DocumentRange,
  FormattingOptions,
  InitializationOptions,
  OfferReason,
  RequestMethod,
  Requests,
  ServerEntry,
} from '../../protocol/messages.ts';
import { difficultyChoices, multilineChoices } from '../../protocol/settingsTable.ts';
import { strategyIds } from '../../protocol/strategyTable.ts';
import { FieldReader, type NumberRange, present } from '../validation/fieldReader.ts';
import {
  budgetRange,
  candidateRange,
  completionRange,
  diagnosticRange,
  seedRange,
  temperatureRange,
  thoughtRange,
} from '../validation/parameterRanges.ts';
import { readChoices } from '../validation/reasoningChoices.ts';
import { readSidecarSettings } from '../validation/sidecarSettings.ts';

type ParameterReaders = { readonly [M in RequestMethod]: (value: unknown) => Requests[M]['params'] };

const coordinate: NumberRange = { min: 0, max: 2 ** 31 - 1, whole: true };
/** Columns of a tab. */
const tabSizeRange: NumberRange = { min: 1, max: 64, whole: true };
/** Milliseconds. */
const duration: NumberRange = { min: 0, max: 2 ** 31 - 1, whole: true };

/**
 * What came over the wire as the typed parameters of each request: the one place where they are `unknown`. Each
 * reader throws `parameter.invalid`, naming the member; members it does not know are ignored.
 */
export const parameterReaders: ParameterReaders = {
  'entropane/ask': readAsk,
  'entropane/difficulty': readDifficulty,
  'entropane/edit': readEdit,
  'entropane/steer': (value) => {
    const fields = new FieldReader(value, 'params');
    return {
      requestId: fields.string('requestId'),
      action: fields.oneOf('action', ['answerNow', 'thinkMore', 'stop']),
    };
  },
  'entropane/complete': readComplete,
  'entropane/ping': () => null,
  'entropane/health/get': () => null,
  'entropane/doctor': () => null,
  'entropane/spending/show': () => null,
  'entropane/spending/reset': () => null,
  'entropane/models/list': () => null,
  'entropane/models/fetch': (value) => {
    const fields = new FieldReader(value, 'params');
    return {
      model: fields.string('model'),
      ...present({ partialResultToken: fields.optionalToken('partialResultToken') }),
    };
  },
  'entropane/models/choose': (value) => ({ model: new FieldReader(value, 'params').string('model') }),
  'entropane/models/remove': (value) => ({ model: new FieldReader(value, 'params').string('model') }),
  'entropane/servers/look': (value) => {
    const { address, key } = readServerEntry(new FieldReader(value, 'params'));
    return { address, ...present({ key }) };
  },
  'entropane/memory/read': () => null,
  'entropane/memory/clear': () => null,
  'entropane/traces/list': () => null,
  'entropane/traces/read': (value) => ({ requestId: new FieldReader(value, 'params').string('requestId') }),
  'entropane/traces/export': (value) => {
    const fields = new FieldReader(value, 'params');
    return { requestId: fields.string('requestId'), outputPath: fields.string('outputPath') };
  },
};

function readAsk(value: unknown): AskParams {
  const fields = new FieldReader(value, 'params');
  const budget = fields.optionalObject('budget');
  return {
    question: fields.string('question'),
    ...readChoices(fields),
    ...present({
      attachments: fields.optionalObjects('attachments')?.map(readAttachment),
      follows: fields.optionalString('follows'),
      model: fields.optionalString('model'),
      route: fields.optionalStrings('route'),
      strategy: fields.optionalOneOf('strategy', strategyIds),
      candidates: fields.optionalNumber('candidates', candidateRange),
      seed: fields.optionalNumber('seed', seedRange),
      budget: budget && readBudget(budget),
      difficulty: fields.optionalOneOf('difficulty', difficultyChoices),
      strategyMemory: fields.optionalBoolean('strategyMemory'),
      partialResultToken: fields.optionalToken('partialResultToken'),
    }),
  };
}

function readAttachment(attachment: FieldReader): Attachment {
  return {
    languageId: attachment.string('languageId'),
    path: attachment.string('path'),
    text: attachment.string('text'),
    ...present({ diagnosticCount: attachment.optionalNumber('diagnosticCount', diagnosticRange) }),
  };
}

const editKinds = ['edit', 'fix', 'document', 'tests', 'continue'] as const satisfies readonly EditKind[];

function readEdit(value: unknown): EditParams {
  const fields = new FieldReader(value, 'params');
  const budget = fields.optionalObject('budget');
  return {
    kind: fields.oneOf('kind', editKinds),
    instruction: fields.string('instruction'),
    document: readEditDocument(fields.object('document')),
    range: readRange(fields.object('range')),
    diagnostics: fields.objects('diagnostics').map(readDiagnostic),
    attachments: fields.objects('attachments').map(readAttachment),
    ...present({
      model: fields.optionalString('model'),
      strategy: fields.optionalOneOf('strategy', strategyIds),
      candidates: fields.optionalNumber('candidates', candidateRange),
      temperature: fields.optionalNumber('temperature', temperatureRange),
      seed: fields.optionalNumber('seed', seedRange),
      budget: budget && readBudget(budget),
      force: fields.optionalBoolean('force'),
      partialResultToken: fields.optionalToken('partialResultToken'),
    }),
  };
}

function readEditDocument(document: FieldReader): EditDocument {
  return {
    uri: document.string('uri'),
    path: document.string('path'),
    languageId: document.string('languageId'),
    version: document.number('version', coordinate),
    text: document.string('text'),
    lineEnd: document.oneOf('lineEnd', ['\n', '\r\n']),
    formatting: readFormatting(document.object('formatting')),
    encoding: document.string('encoding'),
    workspaceFolder: document.optionalString('workspaceFolder') ?? null,
  };
}

function readDiagnostic(diagnostic: FieldReader): EditDiagnostic {
  return { message: diagnostic.string('message'), range: readRange(diagnostic.object('range')) };
}

function readDifficulty(value: unknown): DifficultyParams {
  const fields = new FieldReader(value, 'params');
  const budget = fields.optionalObject('budget');
  return {
    question: fields.string('question'),
    ...readChoices(fields),
    ...present({
      attachments: fields.optionalObjects('attachments')?.map(readAttachment),
      model: fields.optionalString('model'),
      budget: budget && readBudget(budget),
    }),
  };
}

function readBudget(fields: FieldReader): Partial<Budget> {
  return present({
    thoughtTokensPerCandidate: fields.optionalNumber('thoughtTokensPerCandidate', thoughtRange),
    answerTokensPerCandidate: fields.optionalNumber('answerTokensPerCandidate', thoughtRange),
    generatedTokens: fields.optionalNumberOrNull('generatedTokens', budgetRange),
    durationMs: fields.optionalNumberOrNull('durationMs', duration),
  });
}

function readComplete(value: unknown): CompleteParams {
  const fields = new FieldReader(value, 'params');
  const assumed = fields.optionalObject('assumed');
  const formatting = fields.optionalObject('formatting');
  return {
    ...readPlace(fields),
    trigger: fields.oneOf('trigger', ['automatic', 'invoked']),
    ...present({
      assumed: assumed && readAssumed(assumed),
      formatting: formatting && readFormatting(formatting),
      candidates: fields.optionalNumber('candidates', candidateRange),
      seed: fields.optionalNumber('seed', seedRange),
      multiline: fields.optionalOneOf('multiline', multilineChoices),
      maxTokens: fields.optionalNumber('maxTokens', completionRange),
      acceptsStale: fields.optionalBoolean('acceptsStale'),
      insertsOnly: fields.optionalBoolean('insertsOnly'),
      partialResultToken: fields.optionalToken('partialResultToken'),
    }),
  };
}

function readPlace(fields: FieldReader): Pick<CompleteParams, 'textDocument' | 'position'> {
  return {
    textDocument: { uri: fields.object('textDocument').string('uri') },
    position: readPosition(fields.object('position')),
  };
}

function readPosition(position: FieldReader): DocumentPosition {
  return {
    line: position.number('line', coordinate),
    character: position.number('character', coordinate),
  };
}

function readRange(range: FieldReader): DocumentRange {
  return { start: readPosition(range.object('start')), end: readPosition(range.object('end')) };
}

function readAssumed(selected: FieldReader): AssumedText {
  return { range: readRange(selected.object('range')), text: selected.string('text') };
}

function readFormatting(formatting: FieldReader): FormattingOptions {
  return {
    tabSize: formatting.number('tabSize', tabSizeRange),
    insertSpaces: formatting.boolean('insertSpaces'),
  };
}

const offerReasons = [
  'visited',
  'edited',
  'saved',
  'copied',
  'declaration',
  'cell',
  'opened',
] as const satisfies readonly OfferReason[];

const invokedKind: number = InlineCompletionTriggerKind.Invoked;

/** An LSP inline completion request as ours: the place, and whether the user asked for it by hand. */
export function readInlineCompletion(value: unknown): CompleteParams {
  const fields = new FieldReader(value, 'params');
  const context = fields.object('context');
  const kind = context.number('triggerKind', { min: 1, max: 2, whole: true });
  const selected = context.optionalObject('selectedCompletionInfo');
  return {
    ...readPlace(fields),
    trigger: kind === invokedKind ? 'invoked' : 'automatic',
    ...present({ assumed: selected && readAssumed(selected) }),
  };
}

/** Parameters of `entropane/context/offered`. Throws `parameter.invalid`. */
export function readContextOffer(value: unknown): ContextOffer {
  const fields = new FieldReader(value, 'params');
  return {
    uri: fields.string('uri'),
    version: fields.number('version', coordinate),
    range: readRange(fields.object('range')),
    text: fields.string('text'),
    reason: fields.oneOf('reason', offerReasons),
    at: fields.string('at'),
  };
}

/** `initializationOptions`; a client that sends none takes every default. */
export function readInitializationOptions(value: unknown): InitializationOptions {
  if (value === undefined || value === null) return {};
  const fields = new FieldReader(value, 'initializationOptions');
  const settings = fields.optionalObject('settings');
  return present({
    settings: settings && readSidecarSettings(settings),
    advertiseInlineCompletion: fields.optionalBoolean('advertiseInlineCompletion'),
    offersContext: fields.optionalBoolean('offersContext'),
    servers: fields.optionalObjects('servers')?.map(readServerEntry),
    fallsBack: fields.optionalBoolean('fallsBack'),
  });
}

function readServerEntry(server: FieldReader): ServerEntry {
  return {
    address: server.string('address'),
    ...present({
      others: server.optionalStrings('others'),
      key: server.optionalSecret('key'),
    }),
  };
}

/** Parameters of `entropane/servers/changed`. Throws `parameter.invalid`. */
export function readServers(value: unknown): readonly ServerEntry[] {
  return new FieldReader(value, 'params').objects('servers').map(readServerEntry);
}
