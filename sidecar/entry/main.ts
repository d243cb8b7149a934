import { serveStdio } from './serveStdio.ts';

// The bundle's folder also holds the engine thread and its kernel.
serveStdio(process, __dirname);
