import { describe, expect, it } from 'vitest';
import { editQuestion, isEdited } from '../../../bench/tasks/editTask.ts';
import { pythonEdits } from '../../../bench/tasks/pythonEdits.ts';
import { typescriptEdits } from '../../../bench/tasks/typescriptEdits.ts';

const tasks = [...pythonEdits, ...typescriptEdits];

describe.each(tasks)('the edit of $name', (task) => {
  const renamed = task.source.replaceAll(new RegExp(`\\b${task.from}\\b`, 'g'), task.to);

  it('can be told from one that was not made', () => {
    expect(isEdited(task, `Here it is:\n\`\`\`\n${renamed}\`\`\``)).toBe(true);
    expect(isEdited(task, renamed)).toBe(true);
    expect(isEdited(task, task.source)).toBe(false);
    expect(isEdited(task, renamed.slice(0, renamed.length / 2))).toBe(false);
  });

  it('asks for the file with both names', () => {
    const question = editQuestion(task);
    expect(question).toContain(task.source);
    expect(question).toContain(`Rename the function ${task.from} to ${task.to} `);
    // Defined and used, and the new name is new.
    expect(task.source.match(new RegExp(`\\b${task.from}\\b`, 'g'))?.length).toBeGreaterThan(1);
    expect(task.source).not.toContain(task.to);
  });
});

it('there are ten tasks, each with its name', () => {
  expect(new Set(tasks.map(({ name }) => name)).size).toBe(10);
});
