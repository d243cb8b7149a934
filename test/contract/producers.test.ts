import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));

function* nodesOf(node: ts.Node): Generator<ts.Node> {
  yield node;
  const children: ts.Node[] = [];
  ts.forEachChild(node, (child) => void children.push(child));
  for (const child of children) yield* nodesOf(child);
}

function nodesIn(path: string): Iterable<ts.Node> {
  const text = readFileSync(`${root}${path}`, 'utf8');
  return nodesOf(ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true));
}

/** Every text that a type of a protocol file allows. */
function allowedTexts(path: string): ReadonlySet<string> {
  const texts = new Set<string>();
  for (const node of nodesIn(path)) {
    if (ts.isLiteralTypeNode(node) && ts.isStringLiteral(node.literal)) texts.add(node.literal.text);
  }
  return texts;
}

/** Texts that the product's processes write down as a value: neither as a type nor to compare with. */
function producedTexts(): ReadonlySet<string> {
  const texts = new Set<string>();
  const files = ['sidecar', 'lab', 'extension', 'protocol'].flatMap((folder) =>
    readdirSync(`${root}${folder}`, { recursive: true, encoding: 'utf8' })
      .map((path) => `${folder}/${path.replaceAll('\\', '/')}`)
      .filter((path) => path.endsWith('.ts') && !isScripted(path)),
  );
  for (const path of files) {
    for (const node of nodesIn(path)) {
      if (ts.isStringLiteral(node) && !isCompared(node) && !ts.isLiteralTypeNode(node.parent))
        texts.add(node.text);
    }
  }
  return texts;
}

/** The engine for tests is no part of the product. */
function isScripted(path: string): boolean {
  return path.includes('engine/scripted/');
}

function isCompared({ parent }: ts.StringLiteral): boolean {
  if (ts.isCaseClause(parent)) return true;
  return ts.isBinaryExpression(parent) && /[=!]==/u.test(parent.operatorToken.getText());
}

const produced = producedTexts();

it.each(['traceEvent', 'health', 'codedError'])(
  'the product says all that protocol/%s.ts lets it say',
  (name) => {
    const allowed = [...allowedTexts(`protocol/${name}.ts`)];
    expect(allowed.length).toBeGreaterThan(10);
    expect(allowed.filter((text) => !produced.has(text))).toEqual([]);
  },
);
