import type { FormattingOptions } from '../../../../protocol/messages.ts';

/** One expectation: how a generated text is indented in a document. */
export interface IndentRow {
  /** What the row is about; unique in its language. */
  readonly name: string;
  /** The document; `‸` is the cursor. */
  readonly document: string;
  /** What the model writes from the cursor on. */
  readonly generated: string;
  readonly inserted: string;
  readonly formatting?: FormattingOptions;
}

const twoBlanks = 'function a() {\n  if (b) {\n    c();\n  }\n}\n';
const tabs = 'function a() {\n\tif (b) {\n\t\tc();\n\t}\n}\n';
const fourBlanks = 'function a() {\n    if (b) {\n        c();\n    }\n}\n';

/** Expectations of a reader, not a record of what the product does; by the editor's id of the language. */
export const indentRows: Readonly<Record<string, readonly IndentRow[]>> = {
  typescript: [
    {
      name: 'four blanks in a file of two',
      document: `${twoBlanks}function d() {‸}\n`,
      generated: '\n    e();\n    if (f) {\n        g();\n    }\n}\n',
      inserted: '\n  e();\n  if (f) {\n    g();\n  }\n',
    },
    {
      name: 'four blanks in a file of two, counted from the cursor’s line',
      document: `${twoBlanks}function d() {\n  if (e) {‸\n}\n`,
      generated: '\n      f();\n      g();\n  }\n}\n',
      inserted: '\n    f();\n    g();\n  }',
    },
    {
      name: 'four blanks in a file of two, counted from the margin',
      document: `${twoBlanks}function d() {\n  if (e) {‸\n}\n`,
      generated: '\n        f();\n        g();\n    }\n}\n',
      inserted: '\n    f();\n    g();\n  }',
    },
    {
      name: 'two blanks in a file of four',
      document: `${fourBlanks}function d() {‸}\n`,
      generated: '\n  if (f) {\n    g();\n  }\n}\n',
      inserted: '\n    if (f) {\n        g();\n    }\n',
    },
    {
      name: 'two blanks in a file of four, inside a block',
      document: `${fourBlanks}function d() {\n    for (const e of f) {‸\n}\n`,
      generated: '\n      if (e) {\n        g();\n      }\n    }\n}\n',
      inserted: '\n        if (e) {\n            g();\n        }\n    }',
    },
    {
      name: 'four blanks in a file of tabs',
      document: `${tabs}function d() {‸}\n`,
      generated: '\n    e();\n    if (f) {\n        g();\n    } else {\n        h();\n    }\n}\n',
      inserted: '\n\te();\n\tif (f) {\n\t\tg();\n\t} else {\n\t\th();\n\t}\n',
    },
    {
      name: 'two blanks in a file of tabs',
      document: `${tabs}function d() {\n\tif (e) {‸\n}\n`,
      generated: '\n    f();\n    while (g) {\n      h();\n    }\n  }\n}\n',
      inserted: '\n\t\tf();\n\t\twhile (g) {\n\t\t\th();\n\t\t}\n\t}',
    },
    {
      name: 'a tab and then blanks in a file of tabs',
      document: `${tabs}function d() {\n\tif (e) {‸\n}\n`,
      generated: '\n\t    f();\n\t}\n}\n',
      inserted: '\n\t\tf();\n\t}',
    },
    {
      name: 'tabs in a file of tabs',
      document: `${tabs}function d() {‸}\n`,
      generated: '\n\tif (e) {\n\t\tf();\n\t}\n}\n',
      inserted: '\n\tif (e) {\n\t\tf();\n\t}\n',
    },
    {
      name: 'tabs in a file of two blanks',
      document: `${twoBlanks}function d() {‸}\n`,
      generated: '\n\tif (e) {\n\t\tf();\n\t}\n}\n',
      inserted: '\n  if (e) {\n    f();\n  }\n',
    },
    {
      name: 'tabs in a file of four blanks, inside a block',
      document: `${fourBlanks}function d() {\n    if (e) {‸\n}\n`,
      generated: '\n\t\tf();\n\t}\n}\n',
      inserted: '\n        f();\n    }',
    },
    {
      name: 'the file’s own blanks',
      document: `${twoBlanks}function d() {‸}\n`,
      generated: '\n  return e\n    .map((f) => f.g)\n    .filter(Boolean);\n}\n',
      inserted: '\n  return e\n    .map((f) => f.g)\n    .filter(Boolean);\n',
    },
    {
      name: 'arguments under an open bracket',
      document: `${twoBlanks}function d() {‸}\n`,
      generated: '\n  return call(first,\n              second);\n}\n',
      inserted: '\n  return call(first,\n              second);\n',
    },
    {
      name: 'arguments that go in twice as far, as those of the file',
      document: `${twoBlanks}a(\n    b,\n);\nfunction d() {‸}\n`,
      generated: '\n  return call(\n      first,\n      second,\n  );\n}\n',
      inserted: '\n  return call(\n      first,\n      second,\n  );\n',
    },
    {
      name: 'a member of a union in a file of two blanks',
      document: `${twoBlanks}type D =\n  | {‸\n`,
      generated: '\n      readonly e: string;\n    }\n  | { readonly f: string };\n',
      inserted: '\n      readonly e: string;\n    }',
    },
    {
      name: 'a string of several lines',
      document: `${twoBlanks}function d() {‸}\n`,
      generated: '\n    const e = `\n        f\n    g`;\n    h(e);\n}\n',
      inserted: '\n  const e = `\n        f\n    g`;\n  h(e);\n',
    },
    {
      name: 'code in a string of several lines',
      document: `${tabs}function d() {‸}\n`,
      generated: '\n    const e = `\n      ${f(() => {\n        g();\n      })}\n    `;\n    h(e);\n}\n',
      inserted: '\n\tconst e = `\n      ${f(() => {\n        g();\n      })}\n    `;\n\th(e);\n',
    },
    {
      name: 'a comment with stars',
      document: `${tabs}class D {‸}\n`,
      generated: '\n    /**\n     * Says e.\n     */\n    f() {\n        g();\n    }\n}\n',
      inserted: '\n\t/**\n\t * Says e.\n\t */\n\tf() {\n\t\tg();\n\t}\n',
    },
    {
      name: 'a file of tabs with a comment above',
      document: `${tabs}/**\n * Says d.\n */\nfunction d() {‸}\n`,
      generated: '\n    e();\n}\n',
      inserted: '\n\te();\n',
    },
    {
      name: 'a line that begins at the margin',
      document: `${twoBlanks}function d() {\n‸\n}\n`,
      generated: '    e();\n    f();\n',
      inserted: '  e();\n  f();',
    },
    {
      name: 'a line that the user has begun to indent',
      document: `${twoBlanks}function d() {\n  ‸\n}\n`,
      generated: '  e();\n    f();\n',
      inserted: 'e();\n  f();',
    },
    {
      name: 'a line that the user has indented',
      document: `${tabs}function d() {\n\t‸\n}\n`,
      generated: 'if (e) {\n        f();\n    }\n',
      inserted: 'if (e) {\n\t\tf();\n\t}',
    },
    {
      name: 'a file with tabs and blanks, where it has tabs',
      document: `${twoBlanks}${twoBlanks}function d() {\n\te();\n\tif (f) {‸\n}\n`,
      generated: '\n        g();\n    }\n}\n',
      inserted: '\n\t\tg();\n\t}',
    },
    {
      name: 'a file with tabs and blanks, where it has blanks',
      document: `${tabs}${tabs}function d() {\n  e();\n  if (f) {‸\n}\n`,
      generated: '\n\t\tg();\n\t}\n}\n',
      inserted: '\n    g();\n  }',
    },
    {
      name: 'lines of Windows in a file of tabs',
      document: `${tabs}function d() {‸}\n`.replaceAll('\n', '\r\n'),
      generated: '\n    e();\n    f();\n}\n',
      inserted: '\r\n\te();\r\n\tf();\r\n',
    },
    {
      name: 'lines of Windows in a file of two blanks',
      document: `${twoBlanks}function d() {‸}\n`.replaceAll('\n', '\r\n'),
      generated: '\r\n    e();\r\n    f();\r\n}\r\n',
      inserted: '\r\n  e();\r\n  f();\r\n',
    },
    {
      name: 'a new file, as the editor indents with tabs',
      document: 'function d() {‸}\n',
      generated: '\n    e();\n}\n',
      inserted: '\n\te();\n',
      formatting: { tabSize: 4, insertSpaces: false },
    },
    {
      name: 'a new file, as the editor indents with three blanks',
      document: 'function d() {‸}\n',
      generated: '\n    e();\n}\n',
      inserted: '\n   e();\n',
      formatting: { tabSize: 3, insertSpaces: true },
    },
    {
      name: 'a new file of which the editor says nothing',
      document: 'function d() {‸}\n',
      generated: '\n    e();\n}\n',
      inserted: '\n    e();\n',
    },
    {
      name: 'a file that the editor would indent otherwise',
      document: `${twoBlanks}function d() {‸}\n`,
      generated: '\n  e();\n}\n',
      inserted: '\n  e();\n',
      formatting: { tabSize: 4, insertSpaces: false },
    },
  ],
  python: [
    {
      name: 'four blanks in a file of two',
      document: 'def a(b):\n  if b:\n    return 1\n  return 2\n\n\ndef c(d):‸\n',
      generated: '\n    for e in d:\n        if e:\n            return e\n    return None\n',
      inserted: '\n  for e in d:\n    if e:\n      return e\n  return None',
    },
    {
      name: 'four blanks in a file of tabs',
      document: 'def a(b):\n\tif b:\n\t\treturn 1\n\treturn 2\n\n\ndef c(d):‸\n',
      generated: '\n    for e in d:\n        if e:\n            return e\n    return None\n',
      inserted: '\n\tfor e in d:\n\t\tif e:\n\t\t\treturn e\n\treturn None',
    },
    {
      name: 'two blanks in a file of four',
      document: 'def a(b):\n    if b:\n        return 1\n    return 2\n\n\ndef c(d):‸\n',
      generated: '\n  for e in d:\n    if e:\n      return e\n  return None\n',
      inserted: '\n    for e in d:\n        if e:\n            return e\n    return None',
    },
    {
      name: 'a branch after a block in a file of tabs',
      document: 'def a(b):\n\tif b:\n\t\treturn 1\n\treturn 2\n\n\ndef c(d):\n\tif d:‸\n',
      generated: '\n        e()\n    else:\n        f()\n',
      inserted: '\n\t\te()\n\telse:\n\t\tf()',
    },
    {
      name: 'text of a docstring',
      document: 'def a(b):\n  if b:\n    return 1\n  return 2\n\n\ndef c(d):‸\n',
      generated: '\n    """Says d.\n\n    Twice.\n    """\n    return d + d\n',
      inserted: '\n  """Says d.\n\n    Twice.\n    """\n  return d + d',
    },
    {
      name: 'arguments under an open bracket',
      document: 'def a(b):\n    if b:\n        return 1\n    return 2\n\n\ndef c(d):‸\n',
      generated: '\n    return max(d,\n               1)\n',
      inserted: '\n    return max(d,\n               1)',
    },
  ],
  shellscript: [
    {
      name: 'a string of several lines',
      document: 'if a; then\n  b\nfi\nif c; then‸\n',
      generated: '\n    echo "d\n    e"\n    f\nfi\n',
      inserted: '\n  echo "d\n    e"\n  f\nfi',
    },
  ],
  go: [
    {
      name: 'four blanks',
      document: 'package a\n\nfunc b() int {\n\treturn 1\n}\n\nfunc c(d []int) int {‸\n}\n',
      generated: '\n    e := 0\n    for _, f := range d {\n        e += f\n    }\n    return e\n}\n',
      inserted: '\n\te := 0\n\tfor _, f := range d {\n\t\te += f\n\t}\n\treturn e',
    },
  ],
  cpp: [
    {
      name: 'labels that go in by one blank, as those of the file',
      document: 'class A {\n public:\n  int b();\n};\n\nclass C {‸};\n',
      generated: '\n public:\n  int d();\n',
      inserted: '\n public:\n  int d();\n',
    },
  ],
  yaml: [
    {
      name: 'four blanks in a file of two',
      document: 'a:\n  b:\n    c: 1\n  d: 2\ne:‸\n',
      generated: '\n    f:\n        g: 1\n    h: 2\n',
      inserted: '\n  f:\n    g: 1\n  h: 2',
    },
    {
      name: 'entries of a list in a file of four',
      document: 'a:\n    b:\n        c: 1\n    d: 2\ne:‸\n',
      generated: '\n    - f: 1\n      g: 2\n    - f: 3\n      g: 4\n',
      inserted: '\n    - f: 1\n      g: 2\n    - f: 3\n      g: 4',
    },
    {
      name: 'entries of a list at the margin',
      document: 'a:\n  b: 1\ne:\n‸\n',
      generated: '- f: 1\n  g: 2\n- f: 3\n',
      inserted: '- f: 1\n  g: 2\n- f: 3',
    },
  ],
  makefile: [
    {
      name: 'blanks in a recipe',
      document: 'a: b\n\tcc -c b\n\nc: d\n‸\n',
      generated: '    cc -c d\n    cc -o c d.o\n',
      inserted: '\tcc -c d\n\tcc -o c d.o',
    },
    {
      name: 'eight blanks in the first recipe of a file',
      document: 'CC = cc\n\nc: d\n‸\n',
      generated: '        $(CC) -c d\n',
      inserted: '\t$(CC) -c d',
      formatting: { tabSize: 4, insertSpaces: true },
    },
  ],
  html: [
    {
      name: 'four blanks in a file of two',
      document: '<main>\n  <ul>\n    <li>a</li>\n  </ul>\n  <section>‸\n</main>\n',
      generated: '\n      <div>\n          <p>b</p>\n      </div>\n  </section>\n</main>\n',
      inserted: '\n    <div>\n      <p>b</p>\n    </div>\n  </section>',
    },
    {
      name: 'blanks in a file of tabs',
      document: '<main>\n\t<ul>\n\t\t<li>a</li>\n\t</ul>\n\t<section>‸\n</main>\n',
      generated: '\n    <p>b</p>\n  </section>\n</main>\n',
      inserted: '\n\t\t<p>b</p>\n\t</section>',
    },
  ],
};
