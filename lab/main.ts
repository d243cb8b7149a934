import { defineProgram } from '../sidecar/cli/program.ts';
import { benchCommand } from './bench/benchCommand.ts';
import { calibrateCommand } from './calibrate/command/calibrateCommand.ts';
import { pruneCommand } from './prune/command/pruneCommand.ts';

// What measures models and prepares them: a program of its own, which `entropane bench`, `calibrate` and `prune` start.
defineProgram([benchCommand, calibrateCommand, pruneCommand]);
