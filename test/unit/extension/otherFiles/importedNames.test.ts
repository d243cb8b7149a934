import { expect, it } from 'vitest';
import { importedNames } from '../../../../extension/otherFiles/importedNames.ts';

it.each([
  ["import a, { b, type C as D } from './x';", ['a', 'b', 'C', 'D']],
  ["import {\n  first,\n  second,\n} from './x';", ['first', 'second']],
  ["import * as tools from './x';", ['tools']],
  ["const { a, b: c } = require('./x');", ['a', 'b', 'c']],
  ["const tools = require('./x');", ['tools']],
  ['from app.models import User, Order as Bought', ['User', 'Order', 'Bought']],
  ['from x import (\n  one,\n  two,\n)', ['one', 'two']],
  ['use crate::engine::{Batch, decode};', ['engine', 'Batch', 'decode']],
  ['import java.util.List;', ['java', 'util', 'List']],
  ['const imported = 1;', []],
])('finds the names that %j brings in', (text, names) => {
  expect(importedNames(text).map(({ name }) => name)).toEqual(names);
});

it('says where each is', () => {
  expect(importedNames("'use strict';\nimport { b } from './x';")).toEqual([
    { name: 'b', line: 1, character: 9 },
  ]);
});

it('looks at the top of a file alone, and asks about a bounded number of names', () => {
  const list = Array.from({ length: 100 }, (_, index) => `name${index}`).join(', ');
  expect(importedNames(`import { ${list} } from './x';`)).toHaveLength(24);
  expect(importedNames(`${'\n'.repeat(200)}import { late } from './x';`)).toEqual([]);
});
