import {
  type ThinkingForm,
  type ThinkingFormat,
  type ThinkingFormChoice,
  thinkingForms,
  type ThinkingSwitch,
  type ThinkLevel,
  thinkLevels,
} from '../../protocol/thinking.ts';
import { thinkingTable } from '../../protocol/thinkingTable.ts';

/** What a model's file says that its form of thought is read from. */
export interface ThinkingEvidence {
  /** Jinja; null where the file has none. */
  readonly template: string | null;
  /** Such as `gpt-oss`; null where the file names none. */
  readonly architecture: string | null;
}

/** How public templates switch thoughts. The first variable that a template names counts, then words in the system message. */
const variableSwitches: readonly Extract<ThinkingSwitch, { readonly kind: 'variable' }>[] = [
  { kind: 'variable', name: 'enable_thinking', on: true, off: false },
  { kind: 'variable', name: 'thinking_mode', on: 'enabled', off: 'disabled' },
  { kind: 'variable', name: 'thinking_option', on: 'on', off: 'off' },
  { kind: 'variable', name: 'thinking', on: true, off: false },
];
const wordSwitch = { kind: 'word', on: '/think', off: '/no_think' } as const satisfies ThinkingSwitch;

/** Variables that take a level of thought. */
const effortVariables = ['reasoning_effort', 'thinking_effort'] as const;

/** Architectures that are trained on one form, whatever their template says. */
const formsByArchitecture: ReadonlyMap<string, ThinkingForm> = new Map([['gpt-oss', 'harmony']]);

/**
 * How a model thinks, by its chat template; null for one that does not. `chosen` puts another form in the place of the one
 * that is found, or none. A template is read as text and never run. Pure.
 */
export function detectThinking(
  { template, architecture }: ThinkingEvidence,
  chosen: ThinkingFormChoice = 'auto',
): ThinkingFormat | null {
  if (chosen === 'none') return null;
  const text = template ?? '';
  const form = chosen === 'auto' ? formIn(text, architecture) : chosen;
  if (form === null) return null;
  return {
    form,
    ...thinkingTable[form],
    switch: switchIn(text),
    efforts: effortsIn(text),
    dropsEarlier: dropsEarlier(text),
  };
}

function formIn(template: string, architecture: string | null): ThinkingForm | null {
  const trained = formsByArchitecture.get(architecture ?? '');
  if (trained !== undefined) return trained;
  const code = withoutComments(template);
  return thinkingForms.find((form) => code.includes(thinkingTable[form].close)) ?? null;
}

function withoutComments(template: string): string {
  return template.replace(/\{#.*?#\}/gsu, '');
}

function switchIn(template: string): ThinkingSwitch | null {
  const variable = variableSwitches.find(({ name }) => isVariable(template, name));
  return variable ?? (template.includes(wordSwitch.off) ? wordSwitch : null);
}

/** Whether a template has a condition on a variable, or takes it as a value, and not as a member of a message. */
function isVariable(template: string, name: string): boolean {
  const use = new RegExp(
    `(?:\\b(?:if|elif|and|or|not)|=)\\s+(?:not\\s+)?\\(?${name}(?:\\s*-?%\\}|\\s+(?:is|and|or|if|not|==|-?%)|\\s*==|\\s*\\|)`,
    'u',
  );
  return use.test(withoutComments(template));
}

/** A template that compares with no level passes any on. */
function effortsIn(template: string): ThinkingFormat['efforts'] {
  const variable = effortVariables.find((name) => isVariable(template, name));
  if (variable === undefined) return null;
  const levels = thinkLevels.filter((level) => isCompared(template, level));
  const passesAny = template.includes(`+ ${variable}`) && !template.includes(`${variable} not in`);
  const known: readonly ThinkLevel[] = passesAny ? thinkLevels : levels;
  return known.length === 0 ? null : { variable, levels: known };
}

function isCompared(template: string, level: ThinkLevel): boolean {
  return new RegExp(`(?:==\\s*|\\[|,\\s*)['"]${level}['"]`, 'u').test(template);
}

/** Members of a message that templates read an earlier thought from. */
const thoughtMember =
  /reasoning_content|message\.thinking|message\[['"]thinking['"]\]|['"]thinking['"]\s+in\s+message|message\.get\(['"]reasoning/u;
/** Names that templates give the place of the last question, which thoughts are kept after, and words for the same. */
const lastQuestion = /last_query_index|last_user_(?:index|idx)|is_after_last_user|if loop\.last and/u;

/** Whether a template renders no thought of an earlier turn, though it is given. */
function dropsEarlier(template: string): boolean {
  const code = withoutComments(template);
  return (
    !thoughtMember.test(code) || (lastQuestion.test(code) && !/set preserved?_thinking = true/u.test(code))
  );
}
