import { assertNever } from '../../protocol/assertNever.ts';
import type { ErrorData } from '../../protocol/codedError.ts';
import { counted } from '../../protocol/counted.ts';
import { answersQuestions, type Health, type ServerStandIn, standInText } from '../../protocol/health.ts';
import type { CommandId } from '../config/commandIds.ts';
import { remedyFor } from '../config/remedy.ts';
import { type EngineState, healthOf } from '../engine/engineState.ts';
import { type QuietReason, quietReasonWords } from '../inlineCompletion/quietReason.ts';
import { modelRows, type RoleSpeeds } from './modelRows.ts';

/** How completions are switched, apart from languages. */
export type CompletionMode =
  | { readonly type: 'automatic' }
  | { readonly type: 'manual' }
  | { readonly type: 'off' }
  | { readonly type: 'snoozed'; readonly untilClock: string };

/** Outcome of the last request, a question or a completion. */
export type LastOutcome =
  | {
      readonly type: 'cost';
      readonly tokens: number;
      readonly tokensPerSecond: number | null;
      /** Name of the lossy model that wrote it; null for the one that serves. */
      readonly writtenBy: string | null;
    }
  | { readonly type: 'quiet'; readonly reason: QuietReason };

export interface StatusInput {
  readonly engine: EngineState;
  readonly completions: CompletionMode;
  readonly isAsking: boolean;
  readonly last: LastOutcome | null;
  readonly speeds: RoleSpeeds;
}

export interface StatusView {
  /** With `$(icon)`s, as VS Code draws them. */
  readonly text: string;
  readonly tone: 'plain' | 'warning' | 'error';
  /** Markdown; links are commands out of `tooltipCommands`. */
  readonly tooltip: string;
  /** For a screen reader: the state without icons. */
  readonly spoken: string;
}

/** Commands that the tooltip may link to. */
export const tooltipCommands: readonly CommandId[] = [
  'entropane.addServer',
  'entropane.answerNow',
  'entropane.chooseModel',
  'entropane.fetchModel',
  'entropane.openTracePanel',
  'entropane.restartEngine',
  'entropane.showLog',
  'entropane.stop',
];

interface Face {
  readonly icon: string;
  readonly label: string;
  readonly tone: StatusView['tone'];
  readonly detail: string;
}

/** The status bar item as a value of everything it shows. Pure. */
export function statusBarView(input: StatusInput): StatusView {
  const face = faceOf(input.engine);
  const isReady = answersQuestions(healthOf(input.engine));
  const icon = isReady ? readyIcon(input) : face.icon;
  const parts = isReady ? [face.label, ...lastPart(input.last)] : [face.label];
  const spoken = parts.join(', ');
  const lines = [
    `**Entropane**: ${face.detail}`,
    ...modelList(input),
    ...restartNote(input.engine),
    ...profileNote(input.engine),
    modeLine(input.completions),
    ...lastLine(input.last),
    links(input),
  ];
  return { text: `$(${icon}) ${parts.join(' · ')}`, tone: face.tone, tooltip: lines.join('\n\n'), spoken };
}

/** What each model does and how it is, where there is more than one; what one alone does the first line says. */
function modelList({ engine, speeds }: StatusInput): readonly string[] {
  const health = healthOf(engine);
  if (health.completions === undefined) return [];
  const rows = modelRows(health, speeds).map(({ role, text }) => `- **${role}**: ${escapeMarkdown(text)}`);
  // Those of the model for questions are in the first line.
  const notes = health.completions.state === 'ready' ? health.completions.notes : [];
  return [[...rows, ...notes.map((note) => `  - ${escapeMarkdown(note)}`)].join('\n')];
}

function faceOf(engine: EngineState): Face {
  switch (engine.type) {
    case 'launching':
      return busy('Entropane', 'the engine is starting.');
    case 'waiting':
      return {
        ...busy('Entropane restarting', `the engine ${engine.exit} and starts again.`),
        tone: 'warning',
      };
    case 'stopped':
      return {
        icon: 'debug-stop',
        label: 'Entropane stopped',
        tone: 'error',
        detail: escapeMarkdown(engine.why),
      };
    case 'running':
      return faceOfHealth(healthOf(engine));
    default:
      return assertNever(engine);
  }
}

function faceOfHealth(health: Health): Face {
  if (health.standIn !== undefined) return faceOfStandIn(health.standIn);
  switch (health.state) {
    case 'starting':
      return busy('Entropane', 'the engine is starting.');
    case 'loading':
      return busy(health.modelName, `loading ${escapeMarkdown(health.modelName)}.`);
    case 'noModel':
      return { icon: 'cloud-download', label: 'No model', tone: 'warning', detail: failure(health.error) };
    case 'failed':
      return { icon: 'error', label: 'Entropane failed', tone: 'error', detail: failure(health.error) };
    case 'unloaded':
      return {
        icon: 'pulse',
        label: health.modelName,
        tone: 'plain',
        detail: `${escapeMarkdown(health.modelName)} is unloaded; the next question loads it again.`,
      };
    case 'ready': {
      const what = `${escapeMarkdown(health.modelName)} on ${escapeMarkdown(health.backend)}`;
      const notes = health.notes.map((note) => `\n- ${escapeMarkdown(note)}`).join('');
      return {
        icon: 'pulse',
        label: health.modelName,
        tone: 'plain',
        detail: `${what}, ${counted(health.contextTokens, 'token', count)} of context.${notes}`,
      };
    }
    default:
      return assertNever(health);
  }
}

/** A model of this machine answers, as the server is away. */
function faceOfStandIn(standIn: ServerStandIn): Face {
  const { modelName, host, why } = standIn;
  return {
    icon: 'pulse',
    label: `${modelName} (${host} away)`,
    tone: 'warning',
    detail: `${escapeMarkdown(standInText(standIn))} ${escapeMarkdown(why)}`,
  };
}

function busy(label: string, detail: string): Face {
  return { icon: 'loading~spin', label, tone: 'plain', detail };
}

function failure(error: ErrorData): string {
  return `${escapeMarkdown(error.message)} ${escapeMarkdown(error.remedy)}`;
}

function readyIcon({ isAsking, completions }: StatusInput): string {
  if (isAsking) return 'loading~spin';
  if (completions.type === 'off') return 'circle-slash';
  if (completions.type === 'snoozed') return 'bell-slash';
  return 'pulse';
}

function lastPart(last: LastOutcome | null): readonly string[] {
  if (last === null) return [];
  if (last.type === 'quiet') return [`nothing: ${quietReasonWords[last.reason]}`];
  const speed = last.tokensPerSecond === null ? [] : [`${Math.round(last.tokensPerSecond)} tok/s`];
  return [...speed, `${count(last.tokens)} tok`, ...(last.writtenBy === null ? [] : ['fast model, lossy'])];
}

function lastLine(last: LastOutcome | null): readonly string[] {
  if (last === null) return [];
  if (last.type === 'quiet') return [`Nothing was shown: ${quietReasonWords[last.reason]}.`];
  const speed = last.tokensPerSecond === null ? '' : ` at ${last.tokensPerSecond.toFixed(1)} tokens a second`;
  const writer =
    last.writtenBy === null
      ? ''
      : ` The fast model ${escapeMarkdown(last.writtenBy)} wrote them; it is lossy.`;
  return [`The last request generated ${counted(last.tokens, 'token', count)}${speed}.${writer}`];
}

function modeLine(mode: CompletionMode): string {
  switch (mode.type) {
    case 'automatic':
      return 'Completions come while you type.';
    case 'manual':
      return 'Completions come by command only.';
    case 'off':
      return 'Completions are switched off.';
    case 'snoozed':
      return `Completions are snoozed until ${mode.untilClock}.`;
    default:
      return assertNever(mode);
  }
}

function restartNote(engine: EngineState): readonly string[] {
  // In the other states health has it.
  const isBusy = ['starting', 'loading'].includes(healthOf(engine).state);
  const note = 'restartNote' in engine ? engine.restartNote : null;
  return isBusy && note !== null ? [escapeMarkdown(note)] : [];
}

function profileNote(engine: EngineState): readonly string[] {
  const isSafe = engine.type === 'running' && engine.profile === 'safe';
  return isSafe ? ['After a crash it runs with one model, a smaller context and no drafts.'] : [];
}

function links({ engine, isAsking }: StatusInput): string {
  const health = healthOf(engine);
  const remedy = 'error' in health ? remedyFor(health.error.code) : null;
  const entries: readonly (readonly [CommandId, string])[] = [
    ...(remedy === null ? [] : [[remedy.command, remedy.title] as const]),
    ...(isAsking
      ? ([
          ['entropane.answerNow', 'Answer Now'],
          ['entropane.stop', 'Stop'],
        ] as const)
      : []),
    ['entropane.openTracePanel', 'Trace Panel'],
    ['entropane.showLog', 'Log'],
  ];
  const unique = entries.filter(([id], index) => entries.findIndex(([other]) => other === id) === index);
  return unique.map(([id, title]) => `[${title}](command:${id})`).join(' · ');
}

/** Groups digits. `toLocaleString` does too, but reads its tables on its first call: 17 ms of the thread that keys wait for. */
function count(value: number): string {
  return String(value).replaceAll(/\B(?=(?:\d{3})+$)/g, ',');
}

function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_{}[\]()#+!|<>~$-]/g, '\\$&');
}
