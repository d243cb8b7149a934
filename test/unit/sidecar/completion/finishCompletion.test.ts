import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findCut } from '../../../../sidecar/completion/completionCut.ts';
import { isSubsequence } from '../../../../protocol/isSubsequence.ts';
import { finishCompletion } from '../../../../sidecar/completion/finishCompletion.ts';
import { placeAt } from '../../../support/completion/places.ts';

const multilineOf = { singleLine: 'never', multiLine: 'always', auto: 'auto' } as const;
type Wanted = keyof typeof multilineOf;

/** What is inserted at the `|`, or the reason why nothing is, where the model goes on with `text` from the cursor on. */
function insert(marked: string, text: string, wanted: Wanted = 'auto', wasTruncated = false): string {
  const { regenerated } = placeAt(marked).cursor;
  return insertGenerated(marked, regenerated + text, { wanted, wasTruncated });
}

function insertGenerated(
  marked: string,
  generated: string,
  { wanted, wasTruncated }: { readonly wanted: Wanted; readonly wasTruncated: boolean },
): string {
  const place = placeAt(marked, { multiline: multilineOf[wanted], insertsOnly: true });
  const finished = finishCompletion(generated, place, { wasTruncated });
  return finished.type === 'text' ? finished.text : `suppressed: ${finished.reason}`;
}

describe('one line', () => {
  it('ends with the line', () => {
    expect(insert('x = |\ny', '1 + 2\nprint(x)\n', 'singleLine')).toBe('1 + 2');
  });

  it('removes what the rest of the line says already', () => {
    expect(insert('print(a|)', ', b)', 'singleLine')).toBe(', b');
    expect(insert('const x = |;', 'compute();', 'singleLine')).toBe('compute()');
    expect(insert('return |None', 'value or None', 'singleLine')).toBe('value or ');
  });

  it('keeps brackets that close what the completion opened', () => {
    expect(insert('f(|)', 'g(x)', 'singleLine')).toBe('g(x)');
    expect(insert('f(g(|)', 'x)', 'singleLine')).toBe('x)');
  });

  it.each([
    ['x = |', ' 1', '1'],
    ['x =|', ' = 1', ' 1'],
    ['    |', '      nested', '  nested'],
    ['    retu|', ' return True', 'rn True'],
    ['f(|', '(x)', 'x)'],
    ['    return True|', ' True', 'suppressed: emptyCompletion'],
  ])('begins at the cursor: %j and %j make %j', (marked, generated, inserted) => {
    expect(insertGenerated(marked, generated, { wanted: 'singleLine', wasTruncated: false })).toBe(inserted);
  });

  it.each([' ret', 'return True', '', ' value'])(
    'is nothing where %j does not reach the cursor',
    (generated) => {
      const options = { wanted: 'singleLine', wasTruncated: true } as const;
      expect(insertGenerated('    retu|', generated, options)).toBe('suppressed: emptyCompletion');
    },
  );

  it('says why there is nothing', () => {
    expect(insert('x = |', '', 'singleLine')).toBe('suppressed: emptyCompletion');
    expect(insert('x = |', '\nmore', 'singleLine')).toBe('suppressed: emptyCompletion');
    expect(insert('x = |', ' \t ', 'singleLine')).toBe('suppressed: onlyWhitespace');
    expect(insert('f(|) + 1', ') + 1', 'singleLine')).toBe('suppressed: duplicatesSuffix');
    expect(insert('    |\n    return x\n', 'return x', 'singleLine')).toBe('suppressed: duplicatesSuffix');
  });
});

describe('several lines', () => {
  it('end where the indentation leaves the block', () => {
    const body = '\n    a = 1\n    return a\n\n\ndef g():\n    pass\n';
    expect(insert('def f():|\n', body)).toBe('\n    a = 1\n    return a');
    expect(insert('def f():\n    |\n', 'a = 1\n    return a\n\ndef g():')).toBe('a = 1\n    return a');
  });

  it('close the block that the cursor opened', () => {
    expect(insert('if (x) {|', '\n  f();\n}\ng();\n')).toBe('\n  f();\n}');
    expect(insert('if (x) {|\n}', '\n  f();\n}\ng();\n')).toBe('\n  f();');
  });

  it('end before a line that stands behind the cursor already', () => {
    const marked = 'def f(x):\n    |\n    return total\n';
    expect(insert(marked, 'total = 0\n    for y in x:\n        total += y\n    return total\n')).toBe(
      'total = 0\n    for y in x:\n        total += y',
    );
    expect(insert(marked, 'total = sum(x)\n    return total')).toBe('total = sum(x)');
  });

  it('end before a loop', () => {
    expect(insert('    |', 'f()\n    g()\n    g()\n    g()\n    g()\n')).toBe('f()\n    g()');
  });

  it('end with the paragraph at the outermost level', () => {
    expect(insert('|', 'import os\nimport sys\n\nprint(1)\n')).toBe('import os\nimport sys');
  });

  it('take the level from the first line where the cursor has none', () => {
    expect(insert('def f():\n|', '    return 1\nprint(f())\n')).toBe('    return 1');
  });

  it('do without a last line that was broken off', () => {
    expect(insert('def f():|', '\n    a = 1\n    retu', 'auto', true)).toBe('\n    a = 1');
    expect(insert('x = |', 'comp', 'multiLine', true)).toBe('comp');
  });

  it('count tabs as indentation', () => {
    expect(insert('func f() {\n\t|\n}', 'a()\n\tb()\n}\n\nfunc g() {')).toBe('a()\n\tb()');
  });

  it('take over the line ends of the document', () => {
    expect(insert('def f():|\r\n', '\n    a = 1\r\n    return a\n')).toBe('\r\n    a = 1\r\n    return a');
  });
});

describe('whatever the model writes', () => {
  const code = fc.string({
    unit: fc.constantFrom(
      'a',
      'b',
      ' ',
      '    ',
      '\n',
      '\n    ',
      '(',
      ')',
      '{',
      '}',
      ':',
      '"',
      '\t',
      '😀',
      '\ud83d',
      '\r\n',
    ),
    maxLength: 60,
  });
  const reach = fc.constantFrom<Wanted>('singleLine', 'multiLine', 'auto');

  it('is inserted whole, well formed, not blank, and in one kind of line end', () => {
    fc.assert(
      fc.property(code, code, code, reach, fc.boolean(), (before, after, generated, range, wasTruncated) => {
        const place = placeAt(`${before}|${after}`, { multiline: multilineOf[range] });
        const finished = finishCompletion(place.cursor.regenerated + generated, place, { wasTruncated });
        if (finished.type === 'suppressed') return;
        expect(finished.text.trim()).not.toBe('');
        expect(Buffer.from(finished.text).toString()).toBe(finished.text);
        if (range === 'singleLine') expect(finished.text.trimEnd()).not.toMatch(/\n/);
        expect(isSubsequence(after.slice(0, finished.replacedLength), finished.text)).toBe(true);
        if (place.cursor.lineEnd === '\r\n') expect(finished.text).not.toMatch(/(?<!\r)\n/);
      }),
    );
  });

  it('is cut at the same place, however much comes behind it', () => {
    fc.assert(
      fc.property(code, code, code, code, reach, (before, after, generated, more, range) => {
        const place = placeAt(`${before}|${after}`, { multiline: multilineOf[range] });
        const early = findCut(generated, place);
        if (early !== null) expect(findCut(generated + more, place)).toEqual(early);
      }),
    );
  });
});
