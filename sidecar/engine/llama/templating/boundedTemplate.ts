import { Environment, Interpreter, parse, tokenize } from '@huggingface/jinja';
import { isRecord } from '../../../../protocol/isRecord.ts';
import type { ChatMessage, ChatVariables } from '../../engine.ts';
import { strftime } from './strftime.ts';

/** What a model's file says about chats. */
export interface ChatFormat {
  /** Jinja, as in `tokenizer.chat_template`; null where the file has none. */
  readonly template: string | null;
  readonly beginText: string;
  readonly endText: string;
}

/** What a template is rendered with. */
export interface TemplateInput extends Omit<ChatFormat, 'template'> {
  readonly messages: readonly ChatMessage[];
  /** What the template is asked with beside the messages, by name. */
  readonly variables: ChatVariables;
  /** Characters that it may write, in macros and captured blocks too. */
  readonly maxCharacters: number;
  /** What `strftime_now` goes by, in local time. */
  readonly now: Date;
}

/** A template that can be rendered any number of times. */
export type CompiledTemplate = ReturnType<typeof parse>;

/** The template wrote more than it may, or made a text or a list larger than that. */
export class TemplateTooLarge extends Error {}

/**
 * Variables may be this large where less may be written: texts in characters, lists in entries with what is in them. A value
 * is measured once it is made, so one operation may make more than there is memory: that ends the process.
 */
const smallestValueLimit = 65_536;

/** Throws what the Jinja library throws for a template that it cannot read. */
export function compileTemplate(template: string): CompiledTemplate {
  // As Hugging Face's own renderer does.
  return parse(tokenize(template, { lstrip_blocks: true, trim_blocks: true }));
}

/**
 * The messages in the model's own form, ending where the assistant's turn begins. Throws `TemplateTooLarge` as soon as the
 * bound is passed, and otherwise what the template or the Jinja library throws. Runs as long as the template does, and may
 * end its process: only for the program that `TemplateProcess` starts.
 */
export function renderTemplate(template: CompiledTemplate, input: TemplateInput): string {
  const { messages, variables, maxCharacters, beginText, endText, now } = input;
  const valueLimit = Math.max(maxCharacters, smallestValueLimit);
  const environment = new Environment();
  const globals: Readonly<Record<string, unknown>> = {
    ...variables,
    ...{ false: false, true: true, none: null, False: false, True: true, None: null },
    raise_exception: raiseException,
    range: (start: number, stop?: number, step?: number) => boundedRange(start, { stop, step }, valueLimit),
    strftime_now: (format: string) => strftime(now, format),
    messages: messages.map(messageOf),
    add_generation_prompt: true,
    bos_token: beginText,
    eos_token: endText,
  };
  for (const [name, value] of Object.entries(globals)) environment.set(name, value);
  const interpreter = new BoundedInterpreter(environment, template, { maxCharacters, valueLimit });
  const { value } = interpreter.run(template);
  if (typeof value !== 'string') throw new Error('The template gave no text.');
  if (value.length > maxCharacters) throw new TemplateTooLarge();
  return value;
}

/** A message as templates read it. Families differ in the name of the thought before an answer. */
function messageOf({ role, content, thought }: ChatMessage): Readonly<Record<string, string>> {
  if (thought === undefined) return { role, content };
  return { role, content, reasoning_content: thought, thinking: thought };
}

type Node = Parameters<Interpreter['evaluate']>[0];
type Value = ReturnType<Interpreter['evaluate']>;

interface Bounds {
  readonly maxCharacters: number;
  readonly valueLimit: number;
}

/** Looks at every value that an expression gives, before anything is made of it. */
class BoundedInterpreter extends Interpreter {
  readonly #bounds: Bounds;
  readonly #writers = new Set<unknown>();
  readonly #sizes = new WeakMap<Value, number>();
  #writtenCharacters = 0;

  constructor(environment: Environment, template: CompiledTemplate, bounds: Bounds) {
    super(environment);
    this.#bounds = bounds;
    collectWriters(template, this.#writers);
  }

  override evaluate(node: Node, environment: Environment): Value {
    const value = super.evaluate(node, environment);
    const size = this.#sizeOf(value);
    if (size > this.#bounds.valueLimit) throw new TemplateTooLarge();
    if (this.#writers.has(node)) {
      // Written as text. Lists and objects are longer as text than their size.
      this.#writtenCharacters += size;
      if (this.#writtenCharacters > this.#bounds.maxCharacters) throw new TemplateTooLarge();
    }
    return value;
  }

  /** Characters of texts and entries of lists and objects together; measured once, which costs as much as making them. */
  #sizeOf(value: Value): number {
    const content = value.value;
    if (typeof content === 'string') return content.length;
    // A namespace changes, and may contain itself.
    if (typeof content !== 'object' || content === null || value.type === 'NamespaceValue') return 1;
    const known = this.#sizes.get(value);
    if (known !== undefined) return known;
    let size = 1;
    if (content instanceof Map) {
      for (const [key, item] of content) size += key.length + this.#sizeOf(item);
    } else if (Array.isArray(content)) {
      for (const item of content) size += 1 + this.#sizeOf(item);
    }
    this.#sizes.set(value, size);
    return size;
  }
}

/** Statements that only direct others: what they give is counted where it is written. */
const directing: ReadonlySet<unknown> = new Set([
  'If',
  'For',
  'Set',
  'Macro',
  'CallStatement',
  'FilterStatement',
]);
/** Members of the syntax tree that are lists of statements. */
const blockMembers = ['body', 'alternate', 'defaultBlock'] as const;

/** Adds every statement of a block that writes text by itself. */
function collectWriters(node: unknown, into: Set<unknown>): void {
  if (!isRecord(node)) return;
  for (const member of blockMembers) {
    const block = node[member];
    if (!Array.isArray(block)) continue;
    for (const statement of block) {
      if (!isRecord(statement)) continue;
      if (directing.has(statement['type'])) collectWriters(statement, into);
      else into.add(statement);
    }
  }
}

function boundedRange(
  first: number,
  { stop: given, step = 1 }: { readonly stop: number | undefined; readonly step: number | undefined },
  maxCount: number,
): readonly number[] {
  if (step === 0) throw new Error('range() step must not be zero');
  const [start, stop] = given === undefined ? [0, first] : [first, given];
  const count = Math.max(0, Math.ceil((stop - start) / step));
  if (count > maxCount) throw new TemplateTooLarge();
  return Array.from({ length: count }, (_, i) => start + i * step);
}

function raiseException(message: string): never {
  throw new Error(message);
}
