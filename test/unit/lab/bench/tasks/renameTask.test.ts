import { describe, expect, it } from 'vitest';
import { renameOutcome, renameQuestion } from '../../../../../lab/bench/tasks/renameTask.ts';
import { pythonRenames } from '../../../../../lab/bench/tasks/pythonRenames.ts';
import { typescriptRenames } from '../../../../../lab/bench/tasks/typescriptRenames.ts';

const tasks = [...pythonRenames, ...typescriptRenames];

describe.each(tasks)('the edit of $name', (task) => {
  const { source, from, to, parameters, result, language } = task;
  const places = source.match(new RegExp(`\\b${from}\\b`, 'g'))?.length ?? 0;
  const asked = places + parameters.length + 1;
  const end = language === 'python' ? ` -> ${result}:` : `: ${result} {`;
  const annotate = (code: string): string =>
    code.replace(
      new RegExp(`((?:def|function) (?:${from}|${to}))\\(.*`),
      (_, start: string) => `${start}(${parameters.join(', ')})${end}`,
    );
  const renamed = source.replaceAll(new RegExp(`\\b${from}\\b`, 'g'), to);
  const edited = annotate(renamed);

  it('is whole where all that was asked for is done and the rest is as it was', () => {
    const whole = { asked, made: asked, isWhole: true };
    expect(renameOutcome(task, `Here it is:\n\`\`\`\n${edited}\`\`\``)).toEqual(whole);
    expect(renameOutcome(task, edited)).toEqual(whole);
    expect(renameOutcome(task, edited.replaceAll(': ', ':  '))).toMatchObject({ made: asked });
    expect(renameOutcome(task, edited.slice(0, edited.length / 2))).toMatchObject({ isWhole: false });
    expect(renameOutcome(task, `${edited}\n// Once ${from}.`)).toMatchObject({ made: asked, isWhole: false });
  });

  it('counts by what of it is done', () => {
    expect(renameOutcome(task, source)).toEqual({ asked, made: 0, isWhole: false });
    expect(renameOutcome(task, renamed)).toEqual({ asked, made: places, isWhole: false });
    expect(renameOutcome(task, annotate(source))).toMatchObject({ made: parameters.length + 1 });
  });

  it('asks for the file with both names', () => {
    const question = renameQuestion(task);
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
