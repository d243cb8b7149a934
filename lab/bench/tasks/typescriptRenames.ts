import type { RenameTask } from './renameTask.ts';

const task = (rest: Omit<RenameTask, 'language'>): RenameTask => ({ language: 'typescript', ...rest });

/** Five TypeScript files, each with the function in its definition and at least one use. */
export const typescriptRenames: readonly RenameTask[] = [
  task({
    name: 'queue',
    from: 'drain',
    to: 'runAll',
    change: 'annotate its parameter as Job[] and its result as Promise<number>',
    parameters: ['jobs: Job[]'],
    result: 'Promise<number>',
    source: `export interface Job {
  readonly name: string;
  run(): Promise<void>;
}

export class JobQueue {
  private readonly jobs: Job[] = [];
  private done = 0;

  add(job: Job): void {
    this.jobs.push(job);
  }

  get remaining(): number {
    return this.jobs.length;
  }

  async flush(): Promise<void> {
    this.done += await drain(this.jobs);
  }
}

async function drain(jobs) {
  let count = 0;
  for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) {
    try {
      await job.run();
      count += 1;
    } catch (error) {
      console.error(\`\${job.name} failed\`, error);
    }
  }
  return count;
}
`,
  }),
  task({
    name: 'settings',
    from: 'merge',
    to: 'mergeSettings',
    change: 'annotate its parameters as Settings and Partial<Settings>, and its result as Settings',
    parameters: ['base: Settings', 'changes: Partial<Settings>'],
    result: 'Settings',
    source: `import { readFile } from 'node:fs/promises';

export interface Settings {
  theme: string;
  fontSize: number;
  plugins: string[];
}

const defaults: Settings = {
  theme: 'light',
  fontSize: 14,
  plugins: [],
};

function merge(base, changes) {
  return {
    theme: changes.theme ?? base.theme,
    fontSize: changes.fontSize ?? base.fontSize,
    plugins: [...base.plugins, ...(changes.plugins ?? [])],
  };
}

export async function loadSettings(paths: string[]): Promise<Settings> {
  let settings = defaults;
  for (const path of paths) {
    const text = await readFile(path, 'utf8');
    settings = merge(settings, JSON.parse(text));
  }
  return settings;
}
`,
  }),
  task({
    name: 'table',
    from: 'pad',
    to: 'padCell',
    change: 'annotate its parameters as string and number, and its result as string',
    parameters: ['text: string', 'width: number'],
    result: 'string',
    source: `export type Row = readonly string[];

function pad(text, width) {
  return text + ' '.repeat(Math.max(0, width - text.length));
}

function columnWidths(rows: readonly Row[]): number[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, index) => {
      widths[index] = Math.max(widths[index] ?? 0, cell.length);
    });
  }
  return widths;
}

export function formatTable(head: Row, rows: readonly Row[]): string {
  const widths = columnWidths([head, ...rows]);
  const line = (row: Row): string =>
    row.map((cell, index) => pad(cell, widths[index] ?? 0)).join(' | ');
  const rule = widths.map((width) => '-'.repeat(width)).join('-+-');
  return [line(head), rule, ...rows.map(line)].join('\\n');
}
`,
  }),
  task({
    name: 'event hub',
    from: 'emit',
    to: 'notifyAll',
    change: 'annotate its parameters as Listener[] and string, and its result as void',
    parameters: ['listeners: Listener[]', 'message: string'],
    result: 'void',
    source: `export type Listener = (message: string) => void;

export class EventHub {
  private readonly listeners = new Map<string, Listener[]>();

  on(topic: string, listener: Listener): () => void {
    const known = this.listeners.get(topic) ?? [];
    this.listeners.set(topic, [...known, listener]);
    return () => {
      this.off(topic, listener);
    };
  }

  off(topic: string, listener: Listener): void {
    const known = this.listeners.get(topic) ?? [];
    this.listeners.set(
      topic,
      known.filter((candidate) => candidate !== listener),
    );
  }

  publish(topic: string, message: string): void {
    emit(this.listeners.get(topic) ?? [], message);
    emit(this.listeners.get('*') ?? [], message);
  }
}

function emit(listeners, message) {
  for (const listener of listeners) {
    listener(message);
  }
}
`,
  }),
  task({
    name: 'route finder',
    from: 'walk',
    to: 'tracePath',
    change: 'annotate its parameters as Map<string, string> and string, and its result as string[]',
    parameters: ['origins: Map<string, string>', 'goal: string'],
    result: 'string[]',
    source: `export interface Edge {
  readonly from: string;
  readonly to: string;
}

function neighbours(edges: readonly Edge[], place: string): string[] {
  return edges.filter((edge) => edge.from === place).map((edge) => edge.to);
}

function walk(origins, goal) {
  const path = [goal];
  for (let place = origins.get(goal); place !== undefined; place = origins.get(place)) {
    path.unshift(place);
  }
  return path;
}

export function shortestPath(edges: readonly Edge[], start: string, goal: string): string[] {
  const origins = new Map<string, string>();
  const seen = new Set([start]);
  const waiting = [start];
  for (let place = waiting.shift(); place !== undefined; place = waiting.shift()) {
    if (place === goal) return walk(origins, goal);
    for (const next of neighbours(edges, place)) {
      if (seen.has(next)) continue;
      seen.add(next);
      origins.set(next, place);
      waiting.push(next);
    }
  }
  return [];
}
`,
  }),
];
