import { CodedError } from '../../protocol/codedError.ts';
import { isRecord } from '../../protocol/isRecord.ts';
import { isSecretText } from './secretText.ts';

/**
 * Reads the members of a value that came over the wire, one typed method a shape. Every method throws
 * `parameter.invalid` naming the member; optional ones return undefined where it is absent or null.
 */
export class FieldReader {
  private readonly record: Readonly<Record<string, unknown>>;
  private readonly path: string;

  constructor(value: unknown, path: string) {
    if (!isRecord(value)) throw invalid(path, 'an object', value);
    this.record = value;
    this.path = path;
  }

  /** Names of all members. */
  names(): readonly string[] {
    return Object.keys(this.record);
  }

  string(name: string): string {
    const value = this.record[name];
    if (typeof value === 'string') return value;
    throw invalid(this.at(name), 'a string', value);
  }

  optionalString(name: string): string | undefined {
    return this.isAbsent(name) ? undefined : this.string(name);
  }

  /** The same for a text that no message may show, whatever came in its place. */
  optionalSecret(name: string): string | undefined {
    if (this.isAbsent(name)) return undefined;
    const value = this.record[name];
    if (typeof value === 'string' && isSecretText(value)) return value;
    throw new CodedError(
      'parameter.invalid',
      `${this.at(name)} must be one word of ASCII characters.`,
      'Correct this parameter; docs/PROTOCOL.md lists them all.',
    );
  }

  /** A finite number within the range, ends included. */
  number(name: string, range: NumberRange): number {
    const value = this.record[name];
    if (typeof value === 'number' && value >= range.min && value <= range.max) {
      if (range.whole !== true || Number.isInteger(value)) return value;
    }
    const kind = range.whole === true ? 'a whole number' : 'a number';
    throw invalid(this.at(name), `${kind} from ${range.min} to ${range.max}`, value);
  }

  optionalNumber(name: string, range: NumberRange): number | undefined {
    return this.isAbsent(name) ? undefined : this.number(name, range);
  }

  /** A number as `number` reads it, or null where null is a value of its own. */
  optionalNumberOrNull(name: string, range: NumberRange): number | null | undefined {
    return this.record[name] === null ? null : this.optionalNumber(name, range);
  }

  boolean(name: string): boolean {
    const value = this.record[name];
    if (typeof value === 'boolean') return value;
    throw invalid(this.at(name), 'true or false', value);
  }

  optionalBoolean(name: string): boolean | undefined {
    return this.isAbsent(name) ? undefined : this.boolean(name);
  }

  oneOf<const T extends string>(name: string, choices: readonly T[]): T {
    const value = this.record[name];
    const choice = choices.find((candidate) => candidate === value);
    if (choice !== undefined) return choice;
    throw invalid(this.at(name), `one of ${choices.join(', ')}`, value);
  }

  optionalOneOf<const T extends string>(name: string, choices: readonly T[]): T | undefined {
    return this.isAbsent(name) ? undefined : this.oneOf(name, choices);
  }

  optionalStrings(name: string): readonly string[] | undefined {
    if (this.isAbsent(name)) return undefined;
    const value = this.record[name];
    if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
    throw invalid(this.at(name), 'a list of strings', value);
  }

  /** A list of objects; its entries are named by their place. */
  objects(name: string): readonly FieldReader[] {
    const value = this.record[name];
    if (!Array.isArray(value)) throw invalid(this.at(name), 'a list', value);
    return value.map((entry: unknown, index) => new FieldReader(entry, `${this.at(name)}[${index}]`));
  }

  object(name: string): FieldReader {
    return new FieldReader(this.record[name], this.at(name));
  }

  optionalObject(name: string): FieldReader | undefined {
    return this.isAbsent(name) ? undefined : this.object(name);
  }

  /** A list of objects, each read by its place. */
  optionalObjects(name: string): readonly FieldReader[] | undefined {
    if (this.isAbsent(name)) return undefined;
    const value: unknown = this.record[name];
    if (!Array.isArray(value)) throw invalid(this.at(name), 'a list of objects', value);
    return value.map((item: unknown, index) => new FieldReader(item, `${this.at(name)}[${index}]`));
  }

  /** An LSP progress token. */
  optionalToken(name: string): string | number | undefined {
    const value = this.record[name];
    if (value === undefined || value === null) return undefined;
    if (typeof value === 'string' || typeof value === 'number') return value;
    throw invalid(this.at(name), 'a string or a number', value);
  }

  private isAbsent(name: string): boolean {
    return this.record[name] === undefined || this.record[name] === null;
  }

  /** Path of a member, for a message about it. */
  at(name: string): string {
    return `${this.path}.${name}`;
  }
}

export interface NumberRange {
  readonly min: number;
  readonly max: number;
  readonly whole?: boolean;
}

type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** The members that have a value, so that absent ones do not overwrite a default when spread. */
export function present<T extends object>(members: T): Present<T> {
  const entries = Object.entries(members).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Present<T>;
}

function invalid(path: string, expected: string, value: unknown): CodedError {
  const got = value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 80);
  return new CodedError(
    'parameter.invalid',
    `${path} must be ${expected}, not ${got}.`,
    'Correct this parameter; docs/PROTOCOL.md lists them all.',
  );
}
