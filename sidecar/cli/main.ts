import { askCommand } from './commands/askCommand.ts';
import { budgetCommand } from './commands/budgetCommand.ts';
import { completeCommand } from './commands/completeCommand.ts';
import { demoCommand } from './commands/demoCommand.ts';
import { doctorCommand } from './commands/doctorCommand.ts';
import { editCommand, fixCommand } from './commands/editCommand.ts';
import { labCommand } from './commands/lab.ts';
import { memoryCommand } from './commands/memoryCommand.ts';
import { modelsCommand } from './commands/modelsCommand.ts';
import { replayCommand } from './commands/replayCommand.ts';
import { serveCommand } from './commands/serveCommand.ts';
import { defineProgram } from './program.ts';

defineProgram([
  askCommand,
  completeCommand,
  editCommand,
  fixCommand,
  labCommand('bench', 'Measure the engine against llama.cpp and against itself'),
  modelsCommand,
  memoryCommand,
  budgetCommand,
  labCommand('calibrate', 'Fit the probe that reads how hard a question is for a model'),
  labCommand('prune', 'Write a smaller, faster and less able model, without some of its blocks'),
  replayCommand,
  serveCommand,
  doctorCommand,
  demoCommand,
]);
