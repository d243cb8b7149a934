import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { parseTrace } from '../../protocol/parseTrace.ts';
import { initialTraceState, reduceTraceAll } from '../../protocol/traceState.ts';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const page = read('docs/TRACE_FORMAT.md');
const sources = ['traceEvent', 'attachment', 'budget', 'codeReading', 'lossyQuality'].map((name) =>
  ts.createSourceFile(name, read(`protocol/${name}.ts`), ts.ScriptTarget.Latest),
);

interface EventShape {
  readonly type: string;
  readonly members: readonly string[];
}

/** The members of the unions that make up `TraceEvent`, as written in the source. */
function eventShapes(): readonly EventShape[] {
  const shapes: EventShape[] = [];
  for (const statement of statements()) {
    if (!ts.isTypeAliasDeclaration(statement) || !/^(?:Search|Runner)Event$/u.test(statement.name.text))
      continue;
    if (!ts.isUnionTypeNode(statement.type)) throw new Error(`${statement.name.text} is no union any more.`);
    for (const member of statement.type.types) {
      if (!ts.isTypeLiteralNode(member))
        throw new Error(`${statement.name.text} holds something that is no event.`);
      const types = member.members.flatMap((property) =>
        memberName(property) === 'type' ? stringLiterals(property) : [],
      );
      const names = member.members.map(memberName).filter((name) => name !== 'type');
      for (const type of types) shapes.push({ type, members: names });
    }
  }
  return shapes;
}

/** Members of interfaces, and every value of a union of strings: all that an event can hold. */
function namesAndValues(): readonly string[] {
  return statements().flatMap((statement) => {
    if (ts.isInterfaceDeclaration(statement)) return statement.members.map(memberName);
    return ts.isTypeAliasDeclaration(statement) && ts.isUnionTypeNode(statement.type)
      ? stringLiterals(statement)
      : [];
  });
}

function statements(): readonly ts.Statement[] {
  return sources.flatMap((source) => [...source.statements]);
}

function memberName(member: ts.TypeElement): string {
  if (member.name === undefined || !ts.isIdentifier(member.name))
    throw new Error('A member without a plain name.');
  return member.name.text;
}

function stringLiterals(node: ts.Node): readonly string[] {
  const found: string[] = [];
  const visit = (child: ts.Node): void => {
    if (ts.isStringLiteral(child)) found.push(child.text);
    ts.forEachChild(child, visit);
  };
  visit(node);
  return found;
}

/** The text under an event's heading, up to the next heading. */
function sectionOf(type: string): string {
  const [, section] = page.split(`\n### \`${type}\`\n`);
  return section?.split(/\n##/u)[0] ?? '';
}

/** Changes with the shape of the events, and not with comments or layout. */
function shapeHash(): string {
  const printer = ts.createPrinter({ removeComments: true });
  return createHash('sha256')
    .update(sources.map((source) => printer.printFile(source)).join('\n'))
    .digest('hex');
}

describe('docs/TRACE_FORMAT.md', () => {
  const shapes = eventShapes();

  it('is held against all events there are', () => {
    expect(shapes.length).toBeGreaterThanOrEqual(14);
    const headings = [...page.matchAll(/^### `([a-z]+\/[a-zA-Z]+)`$/gmu)].map((match) => match[1]);
    expect([...headings].sort()).toEqual(shapes.map(({ type }) => type).sort());
  });

  it.each(shapes)('documents every member of $type', ({ type, members }) => {
    const section = sectionOf(type);
    expect(members.filter((member) => !section.includes(`\`${member}\``))).toEqual([]);
  });

  it('names every member and value of the types that events hold', () => {
    const names = namesAndValues();
    expect(names).toContain('thoughtTokensPerCandidate');
    expect(names).toContain('consensusReached');
    const missing = names.filter((name) => !new RegExp(`[\`{ ]${name}[\`,}]`, 'u').test(page));
    expect(missing).toEqual([]);
  });

  it('was read again after the last change to the events', () => {
    const recorded = /<!-- shape: ([0-9a-f]{64}) -->/u.exec(page)?.[1];
    expect(recorded, 'Bring docs/TRACE_FORMAT.md up to date, then record this shape in it').toBe(shapeHash());
  });

  it('has an example that is a trace', () => {
    const example = /```jsonl\n([^`]+)```/u.exec(page)?.[1] ?? '';
    const state = reduceTraceAll(initialTraceState, parseTrace(example, 'docs/TRACE_FORMAT.md'));
    expect(state.status.type).toBe('finished');
    expect(state.selected?.answer).toBe('42');
    expect(state.candidates[0]?.tokenCount).toBe(2);
  });
});
