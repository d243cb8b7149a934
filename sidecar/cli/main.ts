import { askCommand } from './commands/ask.ts';
import { budgetCommand } from './commands/budget.ts';
import { completeCommand } from './commands/complete.ts';
import { demoCommand } from './commands/demo.ts';
import { doctorCommand } from './commands/doctor.ts';
import { labCommand } from './commands/lab.ts';
import { memoryCommand } from './commands/memory.ts';
import { modelsCommand } from './commands/models.ts';
import { replayCommand } from './commands/replay.ts';
import { serveCommand } from './commands/serve.ts';
import { defineProgram } from './program.ts';

defineProgram([
  askCommand,
  completeCommand,
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
