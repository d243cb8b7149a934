import { describe, expect, it } from 'vitest';
import { documentedCode } from '../../../../sidecar/edits/documentedLines.ts';

const python = `def mean(values):
    total = sum(values)
    return total / len(values)
`;
const typeScript = `export function mean(values: number[]): number {
  const total = sum(values);
  return total / values.length;
}
`;

// Parts of comments that tools read, apart so that none takes a row of this test for its own.
const [unchecked, off] = ['nocheck', 'disable'];

const whole = (text: string) => ({ first: 1, last: text.split('\n').length - 1 });
const documented = (text: string, languageId: string, written: string): string =>
  documentedCode(written, { text, languageId }, whole(text));

describe('what a model wrote to document Python', () => {
  const of = (written: string): string => documented(python, 'python', written);
  const docstring = '    """The mean.\n\n    Of all values.\n    """\n';

  it.each([
    ['a docstring', python.replace('\n', `\n${docstring}`)],
    ['comments before lines', python.replace('    return', '    # All of them.\n    return')],
    ['a comment at the end of a line', python.replace('sum(values)\n', 'sum(values)  # All of them.\n')],
    ['a comment before all', `# The mean.\n${python}`],
  ])('is taken: %s', (_what, written) => {
    expect(of(written)).toBe(written);
  });

  it.each([
    ['types', 'def mean(values: list) -> float:\n', '    total = sum(values)\n'],
    ['another name', 'def mean(values):\n', '    result = sum(values)\n'],
  ])('is taken without the code that it changed: %s', (_what, head, second) => {
    const written = `${head}${docstring}${second}    return total / len(values)\n`;
    expect(of(written)).toBe(python.replace('\n', `\n${docstring}`));
  });

  it('is taken without code that follows the end of a comment', () => {
    const written = python.replace('\n', '\n    """The mean.\n    """; import os\n');
    expect(of(written)).not.toContain('import os');
  });

  it('is taken without code that it put in, and code that it left out stays', () => {
    const added = `def mean(values):\n${docstring}    if not values:\n        return 0\n    # All.\n    total = sum(values)\n`;
    expect(of(added)).toBe(python.replace('\n', `\n${docstring}`));
    expect(of(`def mean(values):\n${docstring}`)).toBe(python.replace('\n', `\n${docstring}`));
  });

  it('is taken without a comment that never ends, and the others are taken', () => {
    const unclosed = python.replace('\n', '\n    """The mean.\n');
    expect(of(unclosed)).toBe(python);
    const commented = (text: string): string => text.replace('    return', '    # All.\n    return');
    expect(of(commented(unclosed))).toBe(commented(python));
    const other = typeScript.replace('  return', '  /* All.\n  return');
    expect(documented(typeScript, 'typescript', other)).toBe(typeScript);
  });

  it('changes nothing where no line of code says where it belongs', () => {
    expect(of('"""The mean of all values."""\n')).toBe(python);
    expect(of('')).toBe(python);
  });

  it('takes the place of comments that were there, but not of those that tools read', () => {
    const old = 'def f(a):\n    """Old."""\n    # type: ignore\n    return a\n';
    const written = 'def f(a):\n    """New."""\n    return a\n';
    expect(documented(old.replace('    # type: ignore\n', ''), 'python', written)).toBe(written);
    expect(documented(old, 'python', written)).toContain(
      '    # type: ignore\n    """New."""\n    return a\n',
    );
    expect(documented(old, 'python', 'def f(a):\n    return a\n')).toBe(old);
  });

  it.each([
    '#!/usr/bin/env python3',
    '# -*- coding: utf-8 -*-',
    '# coding=latin-1',
    '# vim: set fileencoding=utf-8 :',
    '# /// script',
    '# type: ignore',
    '# noqa',
    '# ruff: noqa',
    '# flake8: noqa',
    '# pylint: disable=all',
    '# mypy: ignore-errors',
    '# pyright: strict',
    '# nosec',
    '# fmt: off',
    '# isort: skip_file',
    '# pragma: no cover',
  ])('does not replace %s', (line) => {
    const written = `# The mean.\n${python}`;
    expect(documented(`${line}\n${python}`, 'python', written)).toBe(`${line}\n${written}`);
    expect(documented(`# Old.\n${python}`, 'python', written)).toBe(written);
  });

  it('replaces comments that only begin like those', () => {
    const written = `# The mean.\n${python}`;
    for (const line of [
      '# Types of values',
      '# Format it',
      '# Coding is fun',
      '# A pylint',
      '# pragmatic choice',
    ])
      expect(documented(`${line}\n${python}`, 'python', written), line).toBe(written);
  });

  it('leaves strings of several lines alone', () => {
    const old = 'text = """\n# no comment\n"""\nprint(text)\n';
    expect(documented(old, 'python', old.replace('# no', '# a'))).toBe(old);
    expect(documented(old, 'python', old.replace('print', '# Prints it.\nprint'))).toBe(
      old.replace('print', '# Prints it.\nprint'),
    );
  });
});

describe('what a model wrote to document TypeScript', () => {
  it('is taken without the code that it changed', () => {
    const comment = '/**\n * The mean.\n * @param values all\n */\n';
    const written = `${comment}${typeScript.replace('const total', 'let total')}`;
    expect(documented(typeScript, 'typescript', written)).toBe(comment + typeScript);
    const inside = typeScript.replace('  return', '  // Of all.\n  return');
    expect(documented(typeScript, 'typescript', inside)).toBe(inside);
  });

  it.each([
    ['typescript', `// @ts-${unchecked}`],
    ['typescript', '/// <reference types="node" />'],
    ['typescript', `// eslint-${off}-next-line`],
    ['typescript', `/* eslint-${off} */`],
    ['typescript', '// prettier-ignore'],
    ['typescript', '// biome-ignore lint: generated'],
    ['typescript', '// deno-lint-ignore-file'],
    ['typescript', '// deno-fmt-ignore'],
    ['typescript', '// tslint:disable'],
    ['typescript', '// c8 ignore next'],
    ['typescript', '/* v8 ignore next */'],
    ['typescript', '/* istanbul ignore next */'],
    ['go', '//nolint:errcheck'],
    ['go', '//go:build linux'],
    ['go', '// +build linux'],
    ['cpp', '// NOLINTNEXTLINE'],
    ['cpp', '// clang-format off'],
    ['java', '// @formatter:off'],
    ['swift', '// swiftlint:disable all'],
    ['ruby', '# frozen_string_literal: true'],
    ['ruby', '# rubocop:disable all'],
    ['shellscript', '# shellcheck disable=SC2086'],
    ['dockerfile', '# syntax=docker/dockerfile:1'],
  ])('does not replace what tools read in %s: %s', (languageId, line) => {
    const comment = line.startsWith('#') ? '# All.' : '// All.';
    const written = `${comment}\nrun all\n`;
    expect(documented(`${line}\nrun all\n`, languageId, written)).toBe(`${line}\n${written}`);
    expect(documented(`${comment} Old.\nrun all\n`, languageId, written)).toBe(written);
  });

  it('has the line ends of the file, and as many as it had', () => {
    const crlf = typeScript.replaceAll('\n', '\r\n');
    expect(documented(crlf, 'typescript', `// The mean.\r\n${crlf}`)).toBe(`// The mean.\r\n${crlf}`);
    expect(
      documented(crlf, 'typescript', `// The mean.\r\n${crlf}\r\n// End.\r\n`).endsWith(
        '}\r\n\r\n// End.\r\n',
      ),
    ).toBe(true);
  });

  it('is taken without code between two comments of a line', () => {
    const written = typeScript.replace('(values);', '(values); /* All. */ log(total); /* Done. */');
    expect(documented(typeScript, 'typescript', written)).toBe(typeScript);
  });

  it('leaves template literals alone', () => {
    const old = 'const a = `\n// text\n`;\nuse(a);\n';
    expect(documented(old, 'typescript', old.replace('// text', '// other'))).toBe(old);
  });
});

it('comes back as it is in a language whose comments are not known', () => {
  expect(documented('(defn f [])\n', 'clojure', '; f\n(defn g [])\n')).toBe('; f\n(defn g [])\n');
});
