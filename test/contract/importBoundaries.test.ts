import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { describe, expect, it, test } from 'vitest';
import { type Room, rooms } from './rooms.ts';

const root = path.resolve(import.meta.dirname, '../..');
const sourceFolders = ['protocol', 'sidecar', 'extension', 'webview-ui', 'lab'];

interface Import {
  /** Importing file, relative to the root, with forward slashes. */
  readonly from: string;
  /** A path relative to the root for our own files, the package name otherwise. */
  readonly to: string;
  readonly isOwn: boolean;
  readonly isTypeOnly: boolean;
}

const files = sourceFolders.flatMap((folder) => sourceFiles(folder));
const imports = files.flatMap((file) => importsOf(file));
const own = imports.filter(({ isOwn, to }) => isOwn && to !== 'package.json');

/** Programs of the lab are put together outside its rooms. */
const labPrograms = ['lab/main.ts'];

/** Names that several files may have. `main` is where a bundle starts, whichever program it is. */
const sharedNames = new Set(['main']);

/** Folders whose code is read together: an exported name means one thing in each of them. */
const sides = [['sidecar', 'lab', 'protocol'], ['extension'], ['webview-ui']];

test('the scan sees the code it guards', () => {
  for (const { folder } of rooms) {
    expect(
      files.filter((file) => roomOf(file)?.folder === folder),
      folder,
    ).not.toEqual([]);
  }
  expect(own.length).toBeGreaterThan(files.length);
});

describe('rooms', () => {
  it('have every file', () => {
    expect(files.filter((file) => roomOf(file) === null && !labPrograms.includes(file))).toEqual([]);
  });

  it('import only rooms after them, so that none is part of a cycle', () => {
    const place = new Map(rooms.map(({ folder }, index) => [folder, index]));
    const backwards = rooms.flatMap(({ folder, mayImport }) =>
      mayImport
        .filter((other) => (place.get(other) ?? -1) <= (place.get(folder) ?? Infinity))
        .map((other) => `${folder} -> ${other}`),
    );
    expect(backwards).toEqual([]);
  });

  test.each(rooms)('$folder imports only what its row allows', (room) => {
    const wrong = own.filter(({ from, to }) => roomOf(from) === room && !isAllowed(room, to));
    expect(wrong.map((arrow) => advice(room, arrow)).join('\n')).toBe('');
  });

  it('use every arrow that their row allows', () => {
    const used = new Set(
      own.map(({ from, to }) => `${roomOf(from)?.folder ?? ''} -> ${roomOf(to)?.folder ?? ''}`),
    );
    const granted = ['sidecar/storage', 'sidecar/validation', 'sidecar/numeric', 'sidecar/process'];
    const unused = rooms.flatMap(({ folder, mayImport }) =>
      mayImport
        .filter((other) => !granted.includes(other) && !used.has(`${folder} -> ${other}`))
        .map((other) => `${folder} -> ${other}`),
    );
    expect(unused).toEqual([]);
  });
});

describe('files', () => {
  it('import each other in no circle, types included', () => {
    const graph = new Map(
      files.map((file) => [file, own.filter(({ from }) => from === file).map(({ to }) => to)]),
    );
    expect(cyclesOf(graph).map((cycle) => cycle.join(' -> '))).toEqual([]);
  });

  it('have a name that no other file has, so that it means one thing', () => {
    const nameOf = (file: string): string => path.posix.parse(file).name;
    const sameName = (file: string): readonly string[] =>
      files.filter((other) => nameOf(other) === nameOf(file));
    const shared = files.filter((file) => !sharedNames.has(nameOf(file)) && sameName(file).length > 1);
    expect(shared).toEqual([]);
  });

  test.each([...sharedNames])('%s is a name of several files', (name) => {
    expect(files.filter((file) => path.posix.parse(file).name === name).length).toBeGreaterThan(1);
  });

  describe.each(sides.map((folders) => ({ folders })))('of $folders', ({ folders }) => {
    const declared = files
      .filter((file) => folders.some((folder) => file.startsWith(`${folder}/`)))
      .flatMap((file) => exportedNamesOf(file).map((name) => ({ file, name })));

    it('export names', () => {
      expect(declared.length).toBeGreaterThan(folders.length * 10);
    });

    it('export no name that another one exports', () => {
      const homes = new Map<string, string[]>();
      for (const { file, name } of declared) homes.set(name, [...(homes.get(name) ?? []), file]);
      const shared = [...homes].filter(([, places]) => places.length > 1);
      expect(shared).toEqual([]);
    });
  });
});

test('protocol imports nothing from a package at run time', () => {
  expect(imports.filter((i) => i.from.startsWith('protocol/') && !i.isOwn && !i.isTypeOnly)).toEqual([]);
});

describe('who knows what', () => {
  test.each([
    ['@vscode/tree-sitter-wasm', /^sidecar\/syntax\//],
    ['koffi', /^sidecar\/engine\/llama\/|^lab\/observe\//],
    ['onnxruntime-node', /^sidecar\/(reasoning\/(difficulty|value)|doctor)\//],
    ['vscode-languageserver', /^sidecar\/(server|documents|entry)\/|^sidecar\/cli\/sidecarClient\.ts$/],
    ['vscode-jsonrpc', /^sidecar\/server\/|^sidecar\/cli\/sidecarClient\.ts$/],
    ['vscode', /^extension\//],
    ['vscode-languageclient', /^extension\//],
    ['preact', /^webview-ui\//],
    ['uplot', /^webview-ui\//],
  ])('%s is imported only where it belongs', (packageName, home) => {
    const strays = imports.filter((i) => packageOf(i.to) === packageName && !home.test(i.from));
    expect(strays).toEqual([]);
  });
});

function roomOf(file: string): Room | null {
  const homes = rooms.filter(({ folder }) => file.startsWith(`${folder}/`));
  return homes.toSorted((a, b) => b.folder.length - a.folder.length)[0] ?? null;
}

function isAllowed(room: Room, target: string): boolean {
  const other = roomOf(target);
  if (other === null) return false;
  return other === room || other.folder === 'protocol' || room.mayImport.includes(other.folder);
}

/** What is wrong with an arrow, and what would mend it. */
function advice(room: Room, { from, to }: Import): string {
  const other = roomOf(to)?.folder ?? to;
  const users = rooms.filter(({ mayImport }) => mayImport.includes(other)).map(({ folder }) => folder);
  const common = rooms.filter(
    ({ folder }) => room.mayImport.includes(folder) && roomOf(to)?.mayImport.includes(folder) === true,
  );
  return [
    `${from} imports ${to}: ${room.folder} may not import ${other}.`,
    `  ${other} is for ${users.join(', ') || 'nobody else'}.`,
    common.length > 0
      ? `  Move what both need to ${common.map(({ folder }) => folder).join(' or ')}, or pass it in as an argument.`
      : '  Pass it in as an argument, or move the file to the room that its imports belong to.',
  ].join('\n');
}

/** Groups of files that reach each other (Tarjan's strongly connected components), without groups of one. */
function cyclesOf(graph: ReadonlyMap<string, readonly string[]>): readonly (readonly string[])[] {
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const open: string[] = [];
  const found: string[][] = [];
  const visit = (file: string): number => {
    const index = order.size;
    order.set(file, index);
    let low = index;
    open.push(file);
    for (const next of graph.get(file) ?? []) {
      if (!graph.has(next)) continue;
      if (!order.has(next)) low = Math.min(low, visit(next));
      else if (open.includes(next)) low = Math.min(low, order.get(next) ?? low);
    }
    lowest.set(file, low);
    if (low === index) {
      const group = open.splice(open.indexOf(file));
      if (group.length > 1) found.push(group);
    }
    return low;
  };
  for (const file of graph.keys()) if (!order.has(file)) visit(file);
  return found;
}

function sourceFiles(folder: string): string[] {
  return readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((file) => `${folder}/${file.replaceAll(path.sep, '/')}`)
    .filter((file) => /\.tsx?$/.test(file) && !file.startsWith('sidecar/numeric/kernel/'));
}

function importsOf(file: string): Import[] {
  const source = ts.createSourceFile(
    file,
    readFileSync(path.join(root, file), 'utf8'),
    ts.ScriptTarget.Latest,
  );
  const found: Import[] = [];
  const add = (specifier: ts.Expression | undefined, isTypeOnly: boolean): void => {
    if (specifier === undefined || !ts.isStringLiteral(specifier)) return;
    const isOwn = specifier.text.startsWith('.');
    const to = isOwn ? path.posix.join(path.posix.dirname(file), specifier.text) : specifier.text;
    found.push({ from: file, to, isOwn, isTypeOnly });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node))
      add(node.moduleSpecifier, node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword);
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly);
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
      add(node.argument.literal, true);
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      add(node.arguments[0], false);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** Names that a file declares and exports, overloads once. Names that it imports and passes on are another file's. */
function exportedNamesOf(file: string): readonly string[] {
  const source = ts.createSourceFile(
    file,
    readFileSync(path.join(root, file), 'utf8'),
    ts.ScriptTarget.Latest,
  );
  const imported = new Set(source.statements.flatMap(importedNamesOf));
  return [...new Set(source.statements.flatMap((statement) => namesOfExport(statement, imported)))];
}

function importedNamesOf(statement: ts.Statement): readonly string[] {
  if (!ts.isImportDeclaration(statement)) return [];
  const bindings = statement.importClause?.namedBindings;
  return bindings !== undefined && ts.isNamedImports(bindings)
    ? bindings.elements.map(({ name }) => name.text)
    : [];
}

function namesOfExport(statement: ts.Statement, imported: ReadonlySet<string>): readonly string[] {
  if (ts.isExportDeclaration(statement)) {
    const { exportClause, moduleSpecifier } = statement;
    if (moduleSpecifier !== undefined || exportClause === undefined || !ts.isNamedExports(exportClause))
      return [];
    return exportClause.elements
      .filter(({ propertyName, name }) => !imported.has((propertyName ?? name).text))
      .map(({ name }) => name.text);
  }
  const isExported =
    ts.canHaveModifiers(statement) &&
    ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true;
  if (!isExported) return [];
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.flatMap(({ name }) => boundNamesOf(name));
  const isNamed =
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement) ||
    ts.isEnumDeclaration(statement);
  return isNamed && statement.name !== undefined ? [statement.name.text] : [];
}

function boundNamesOf(name: ts.BindingName): readonly string[] {
  if (ts.isIdentifier(name)) return [name.text];
  return name.elements.flatMap((element) => (ts.isBindingElement(element) ? boundNamesOf(element.name) : []));
}

function packageOf(target: string): string {
  const parts = target.split('/');
  return target.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? '');
}
