import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CodedError } from '../../../../protocol/codedError.ts';
import { selectorTexts } from '../../../../protocol/selectorTable.ts';
import { settingDescription, settingsTable } from '../../../../protocol/settingsTable.ts';
import { figureText } from '../../../../protocol/standing.ts';
import { strategyTexts } from '../../../../protocol/strategyTable.ts';
import {
  choiceOption,
  defineCommand,
  jsonOption,
  numberOption,
  UsageError,
} from '../../../../sidecar/cli/command.ts';
import { askCommand, askOptions, askParams } from '../../../../sidecar/cli/commands/askCommand.ts';
import { completeCommand } from '../../../../sidecar/cli/commands/completeCommand.ts';
import { demoCommand, demoText } from '../../../../sidecar/cli/commands/demoCommand.ts';
import { endPosition, offsetOf } from '../../../../sidecar/cli/completeAt.ts';
import { languageOf } from '../../../../sidecar/cli/languageOf.ts';
import { sidecarFor } from '../../../../sidecar/cli/openSidecar.ts';
import { refuseCommand, runCommand } from '../../../../sidecar/cli/runCommand.ts';
import { defaultSettings } from '../../../../sidecar/validation/sidecarSettings.ts';
import { recordingTerminal } from '../../../support/machine/recordingTerminal.ts';

const never = new AbortController().signal;

const greet = defineCommand({
  name: 'greet',
  summary: 'Say hello',
  usage: 'greet [options] NAME',
  options: {
    loud: { type: 'boolean', description: 'In capitals' },
    mark: { type: 'string', description: 'At the end' },
  },
  run: ({ values, positionals, terminal }) => {
    const name = positionals.join(' ');
    terminal.print(`${values.loud === true ? name.toUpperCase() : name}${values.mark ?? ''}`);
    return Promise.resolve(0);
  },
});

describe('a command', () => {
  it('gets its options and the rest', async () => {
    const terminal = recordingTerminal();
    expect(await greet.execute(['--loud', 'you', '--mark=!', 'two'], terminal, never)).toBe(0);
    expect(terminal.printed).toEqual(['YOU TWO!']);
  });

  it('explains itself instead of running', async () => {
    const terminal = recordingTerminal();
    expect(await greet.execute(['-h', 'you'], terminal, never)).toBe(0);
    expect(terminal.printed.join('')).toContain('Usage: entropane greet [options] NAME');
    expect(terminal.printed.join('')).toContain('--mark');
  });

  it.each([[['--quiet']], [['--mark']], [['--loud=yes']], [['--mark', '-1']]])('refuses %j', async (args) => {
    await expect(greet.execute(args, recordingTerminal(), never)).rejects.toThrow(UsageError);
  });
});

describe('an option that is wrong', () => {
  const refusal = async (args: readonly string[]): Promise<string> => {
    const terminal = recordingTerminal();
    expect(await runCommand(askCommand, args, terminal, never)).toBe(2);
    return terminal.noted.join('\n').split('\n')[0] ?? '';
  };

  it.each([
    [['--max-thought', '-5', 'Why?'], '--max-thought takes a whole number from 0 to 131072, not "-5".'],
    [['--max-thought=-5', 'Why?'], '--max-thought takes a whole number from 0 to 131072, not "-5".'],
    [['--max-thought'], '--max-thought takes a whole number from 0 to 131072, and none was given.'],
    [
      ['--temperature', '--json', 'Why?'],
      '--temperature takes a number from 0 to 10, and the option --json follows it.',
    ],
    [
      ['--verify', '-x'],
      '--verify needs a value, and "-x" looks like another option. If it is the value, write --verify=-x.',
    ],
    [['--verify'], '--verify needs a value, and none was given.'],
    [['--json=yes', 'Why?'], '--json takes no value, so not "yes" either.'],
    [['--frob', 'Why?'], 'There is no option --frob.'],
  ])('%j is refused in our own words', async (args, message) => {
    expect(await refusal(args)).toBe(message);
  });
});

describe('options that do nothing together', () => {
  it.each([
    [['--parallel', '2', 'Why?']],
    [['--output', 'o.jsonl', 'Why?']],
    [['--batch', 'b.jsonl', 'Why?']],
    [['--batch', 'b.jsonl', '--attach', 'a.py']],
    [['--difficulty', 'hard', '--strategy', 'direct', 'Why?']],
    [['--max-steps', '3', '--strategy', 'direct', 'Why?']],
    [['--step-children', '3', '--strategy', 'selfConsistency', 'Why?']],
    [['--max-steps', '0', '--strategy', 'aStar', 'Why?']],
    [['--memory', '--no-memory', 'Why?']],
    [['--no-json', 'Why?']],
  ])('are refused: ask %j', async (args) => {
    await expect(askCommand.execute(args, recordingTerminal(), never)).rejects.toThrow(UsageError);
  });

  it.each(['auto', 'stepBeam', 'aStar'])('bounds of steps go with --strategy %s', (strategy) => {
    expect(askParams({ strategy, 'max-steps': '3', 'step-children': '4' })).toEqual({
      strategy,
      stepSearch: { stepChildren: 4, maxSteps: 3 },
    });
  });

  it.each([
    [['--file', 'a.py', '--line', '1']],
    [['--batch', 'b.jsonl', '--line', '1']],
    [['--file', 'a.py', '--line', '1', '--column', '1', '--output', 'o.jsonl']],
    [['--batch', 'b.jsonl', '--file', 'a.py']],
  ])('are refused: complete %j', async (args) => {
    await expect(completeCommand.execute(args, recordingTerminal(), never)).rejects.toThrow(UsageError);
  });
});

describe('the help of ask', () => {
  it('lists strategies, selectors and early stops with their mark and figure', async () => {
    const terminal = recordingTerminal();
    await askCommand.execute(['--help'], terminal, never);
    const lines = terminal.printed.join('\n').split('\n');
    const lineOf = (name: string) => lines.find((line) => line.trimStart().startsWith(`${name} `)) ?? '';
    for (const { id, text } of [...strategyTexts, ...selectorTexts])
      expect(lineOf(id)).toContain(`  ${text}`);
    expect(lineOf('stepBeam')).toMatch(
      / {2}Experimental: .+ 30 % right against 55 %, 20 questions at 3\.9 times/u,
    );
    expect(lineOf('mostConfident')).toContain('49 % right against 59 % for a plain majority, 100 questions');
    expect(lineOf('--trial-confidence')).toMatch(/ {2}Experimental: .+ 40 % right against 55 %/u);
    for (const name of ['selfConsistency', 'majority', '--consensus'])
      expect(lineOf(name)).not.toContain('Experimental');
    expect(lineOf('hedgedBestOfN')).toMatch(/ {2}Experimental: .+, too few questions to tell\.$/u);
    expect(lineOf('auto')).toContain(
      '57 % right against 55.5 %, 200 questions at 0.70 times the tokens (Qwen2.5-Coder-1.5B); 22 % right against 25 %, 100 questions at 0.79 times the tokens (Qwen2.5-Coder-0.5B)',
    );
  });

  it.each([
    ['--candidates', 'candidates'],
    ['--step-children', 'stepChildren'],
    ['--max-steps', 'maxSteps'],
    ['--max-thought', 'maxThoughtTokens'],
    ['--trial-confidence', 'trialConfidence'],
    ['--adapter-scale', 'adapterScale'],
  ] as const)('says range and default of %s as the setting has them', async (name, key) => {
    const terminal = recordingTerminal();
    await askCommand.execute(['--help'], terminal, never);
    const lines = terminal.printed.join('\n').split('\n');
    const line = lines.find((candidate) => candidate.trimStart().startsWith(`${name} `)) ?? '';
    const { min, max } = settingsTable[key];
    expect(line).toContain(`(${min} to ${max}; ${defaultSettings[key]} unless given)`);
  });

  it('says what counts where nothing is given, and that a batch prints JSON lines', async () => {
    const terminal = recordingTerminal();
    await askCommand.execute(['--help'], terminal, never);
    const help = terminal.printed.join('\n');
    expect(help).toMatch(/--strategy NAME .*\(auto unless given\)/u);
    expect(help).toMatch(/--budget N .*no bound unless given\)/u);
    expect(help).toMatch(/--\[no-\]memory .*\(off unless given\)/u);
    expect(help).toMatch(/--batch FILE .*Prints JSON lines/u);
  });

  it('offers a fast model for questions alone', async () => {
    const terminal = recordingTerminal();
    await completeCommand.execute(['--help'], terminal, never);
    expect(terminal.printed.join('\n')).not.toContain('--fast-model');
    expect(terminal.printed.join('\n')).toContain('--draft-model');
  });

  it.each([
    ['--draft-model', 'draftModel'],
    ['--fast-model', 'fastModel'],
    ['--adapter', 'adapter'],
    ['--adapter-scale', 'adapterScale'],
    ['--cache-type', 'cacheType'],
    ['--pruning', 'confidencePruning'],
    ['--[no-]skip-preamble', 'skipPreamble'],
    ['--[no-]steady-answers', 'steadyAnswers'],
    ['--trial-confidence', 'trialConfidence'],
    ['--[no-]memory', 'strategyMemory'],
    ['--difficulty', 'difficulty'],
    ['--route', 'route'],
  ] as const)('marks %s as its setting is marked, and says its figures', async (name, key) => {
    const terminal = recordingTerminal();
    await askCommand.execute(['--help'], terminal, never);
    const lines = terminal.printed.join('\n').split('\n');
    const line = lines.find((candidate) => candidate.trimStart().startsWith(`${name} `)) ?? '';
    const { list, figures = [] } = settingDescription(key);
    expect(line).not.toBe('');
    expect(line.includes('  Experimental: ')).toBe(list === 'experimental');
    for (const figure of figures) expect(line).toContain(figureText(figure));
  });
});

describe('what settings or a table may have switched on', () => {
  const params = defineCommand({
    name: 'params',
    summary: 'Show what would be asked',
    usage: 'params [options]',
    options: askOptions,
    run: ({ values, terminal }) => {
      terminal.print(JSON.stringify(askParams(values)));
      return Promise.resolve(0);
    },
  });

  it.each([
    ['skip-preamble', { skipPreamble: true }, { skipPreamble: false }],
    ['repair', { repair: true }, { repair: false }],
    [
      'steady-answers',
      { earlyStopping: { steadyAnswers: true } },
      { earlyStopping: { steadyAnswers: false } },
    ],
    ['memory', { strategyMemory: true }, { strategyMemory: false }],
  ])('is left alone, switched on or switched off by --[no-]%s', async (name, on, off) => {
    const terminal = recordingTerminal();
    for (const args of [[], [`--${name}`], [`--no-${name}`]]) await params.execute(args, terminal, never);
    expect(terminal.printed.map((line): unknown => JSON.parse(line))).toEqual([{}, on, off]);
    const help = recordingTerminal();
    await askCommand.execute(['--help'], help, never);
    expect(help.printed.join('')).toContain(` --[no-]${name} `);
  });
});

describe('what a command comes to', () => {
  const failing = defineCommand({
    name: 'fail',
    summary: 'Fail',
    usage: 'fail [options]',
    options: jsonOption,
    run: () => Promise.reject(new CodedError('disk.full', 'The disk is full.', 'Free some space.')),
  });

  it('is its own exit code', async () => {
    const terminal = recordingTerminal();
    expect(await runCommand(greet, ['you'], terminal, never)).toBe(0);
    expect(terminal.noted).toEqual([]);
  });

  it('is 2 for wrong use, with the usage line and no page of help', async () => {
    const terminal = recordingTerminal();
    expect(await runCommand(greet, ['--mark', '-1'], terminal, never)).toBe(2);
    expect(terminal.printed).toEqual([]);
    expect(terminal.noted.join('\n').split('\n')).toEqual([
      expect.stringMatching(/--mark.*[^.]\.$/),
      'Usage: entropane greet [options] NAME',
      'More: entropane greet --help',
    ]);
    expect(refuseCommand('dance', terminal)).toBe(2);
  });

  it('is 1 for a failure, whose code programs find in the result', async () => {
    const terminal = recordingTerminal();
    expect(await runCommand(failing, [], terminal, never)).toBe(1);
    expect(terminal.printed).toEqual([]);
    expect(terminal.noted.join('\n')).toContain('Free some space.');
    expect(await runCommand(failing, ['--json'], terminal, never)).toBe(1);
    expect(terminal.printed.map((line): unknown => JSON.parse(line))).toEqual([
      {
        type: 'result',
        error: { code: 'disk.full', message: 'The disk is full.', remedy: 'Free some space.' },
      },
    ]);
  });
});

describe('option values', () => {
  const range = { min: 1, max: 10, whole: true };

  it('are numbers in their range or refused', () => {
    expect(numberOption('7', 'n', range)).toBe(7);
    expect(numberOption(undefined, 'n', range)).toBeUndefined();
    for (const value of ['', ' ', 'x', '0', '11', '1.5', 'NaN', '1e99']) {
      expect(() => numberOption(value, 'n', range)).toThrow(UsageError);
    }
  });

  it('are one of their choices or refused', () => {
    expect(choiceOption('a', 'c', ['a', 'b'])).toBe('a');
    expect(() => choiceOption('A', 'c', ['a', 'b'])).toThrow(UsageError);
  });
});

describe('how a model is loaded', () => {
  it('is said on the command line as in the settings of the editor', () => {
    const { settings } = sidecarFor({ model: 'tiny', 'cache-type': 'q8_0' }, recordingTerminal());
    expect(settings).toEqual({ model: 'tiny', cacheType: 'q8_0' });
  });

  it.each(['ask', 'complete', 'demo'])(
    'is explained by %s, and a wrong type of cache refused',
    async (name) => {
      const command = [askCommand, completeCommand, demoCommand].find((candidate) => candidate.name === name);
      const terminal = recordingTerminal();
      await command?.execute(['--help'], terminal, never);
      expect(terminal.printed.join('')).toContain('--cache-type TYPE');
      expect(() => sidecarFor({ 'cache-type': 'f32' }, terminal)).toThrow(UsageError);
    },
  );
});

describe('the demo', () => {
  it('says that its vote was asked for, and how', () => {
    expect(demoText({ strategy: 'selfConsistency', candidates: 4 })).toContain(
      'a vote of 4 candidates, which the demo asks for: --strategy selfConsistency --candidates 4.',
    );
  });
});

describe('places in a file', () => {
  it('are counted from one, over any line end', () => {
    const text = 'ab\r\ncd\n\ref';
    expect(offsetOf(text, { line: 1, column: 1 })).toBe(0);
    expect(offsetOf(text, { line: 1, column: 3 })).toBe(2);
    expect(offsetOf(text, { line: 1, column: 4 })).toBeNull();
    expect(offsetOf(text, { line: 2, column: 3 })).toBe(6);
    expect(offsetOf(text, { line: 4, column: 3 })).toBe(10);
    expect(offsetOf(text, { line: 5, column: 1 })).toBeNull();
  });

  it('lead back to the position that the protocol counts', () => {
    const text = fc.string({ unit: fc.constantFrom('a', '\n', '\r\n', '😀', '\t'), maxLength: 40 });
    fc.assert(
      fc.property(text, text, (before, after) => {
        fc.pre(!(before.endsWith('\r') && after.startsWith('\n')));
        const { line, character } = endPosition(before);
        expect(offsetOf(before + after, { line: line + 1, column: character + 1 })).toBe(before.length);
      }),
    );
  });

  it('have a language by their name', () => {
    expect(['a.py', 'b.TSX', 'Makefile', 'c.go'].map(languageOf)).toEqual([
      'python',
      'typescriptreact',
      'plaintext',
      'go',
    ]);
  });
});
