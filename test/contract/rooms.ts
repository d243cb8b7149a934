/** A room: a folder with one subject, and the other rooms that its files may import. */
export interface Room {
  /** Relative to the checkout, without a slash at the end. */
  readonly folder: string;
  readonly purpose: string;
  readonly mayImport: readonly string[];
}

const inSidecar = (names: string): readonly string[] => names.split(' ').map((name) => `sidecar/${name}`);
const inReasoning = (names: string): readonly string[] => inSidecar(names.replace(/\S+/g, 'reasoning/$&'));
const inExtension = (names: string): readonly string[] => names.split(' ').map((name) => `extension/${name}`);

/** What any room of the sidecar may use: files, checked values, numbers, and what concerns this process. */
const ground = inSidecar('storage validation numeric process');
/** What a request is made of, below completion and reasoning. */
const requestRooms = inSidecar('request prompts engine');

/**
 * Every room, those that may import most first. A file belongs to the room with the longest folder that it lies in. All
 * rooms may import `protocol`. The order is the proof that there is no cycle: a room imports only rooms after it.
 */
export const rooms: readonly Room[] = [
  {
    folder: 'lab/bench',
    purpose: 'measures the engine, the strategies and llama.cpp beside each other',
    mayImport: [
      'lab/prune',
      'lab/calibrate',
      'lab/observe',
      'lab/numeric',
      ...inSidecar(
        'cli completion edits documents trace models gguf layerSkip verify spending syntax request prompts engine',
      ),
      ...inReasoning('run strategies search exploration selection candidates value difficulty'),
      ...ground,
    ],
  },
  {
    folder: 'lab/prune',
    purpose: 'chooses blocks to leave out, heals the rest, writes smaller models and measures them',
    mayImport: [
      'lab/observe',
      'lab/numeric',
      ...inSidecar('cli models gguf layerSkip prompts engine'),
      ...ground,
    ],
  },
  {
    folder: 'lab/calibrate',
    purpose: 'samples a model on questions with known answers and fits what reads its states',
    mayImport: [
      'lab/numeric',
      ...inSidecar('cli models gguf request prompts engine trace'),
      ...inReasoning('run candidates value difficulty answers'),
      ...ground,
    ],
  },
  {
    folder: 'lab/observe',
    purpose: 'looks into the blocks and weights of a model through llama.cpp',
    mayImport: [...inSidecar('engine gguf'), ...ground],
  },
  {
    folder: 'lab/numeric',
    purpose: 'matrices, fits and samples of lists, for the lab alone',
    mayImport: inSidecar('numeric'),
  },
  {
    folder: 'sidecar/cli',
    purpose: 'the command line: its commands, a client of the sidecar, drawing in a terminal',
    mayImport: [
      ...inSidecar('entry modelHosting models edits doctor verify spending prompts engine trace'),
      ...inReasoning('memory answers'),
      ...ground,
    ],
  },
  {
    folder: 'sidecar/entry',
    purpose: 'puts the parts of a sidecar process together and ends it in order',
    mayImport: [...inSidecar('server app modelHosting doctor verify engine'), ...ground],
  },
  {
    folder: 'sidecar/server',
    purpose: 'the wire: frames, parameters, one table of handlers',
    mayImport: [...inSidecar('app'), ...ground],
  },
  {
    folder: 'sidecar/app',
    purpose: 'the application: questions, completions, running requests, the daily limit, the stores',
    mayImport: [
      ...inSidecar('completion modelHosting models layerSkip edits documents spending verify syntax'),
      ...inReasoning('run memory value difficulty'),
      ...inSidecar('request prompts engine trace'),
      ...ground,
    ],
  },
  {
    folder: 'sidecar/modelHosting',
    purpose: 'owns loaded models: slots, roles, routing, drafts, health',
    mayImport: [...inSidecar('models gguf layerSkip request engine'), ...ground],
  },
  {
    folder: 'sidecar/completion',
    purpose: 'ghost text: what is asked of the model, where it is cut, when nothing is shown',
    mayImport: [...inSidecar('otherFiles documents trace syntax'), ...requestRooms, ...ground],
  },
  {
    folder: 'sidecar/edits',
    purpose: 'edits of a range: the prompt, the place of the code, what is refused',
    mayImport: [...inReasoning('answers'), ...inSidecar('prompts engine'), ...ground],
  },
  {
    folder: 'sidecar/reasoning/run',
    purpose: 'answers one question: prompt, budget, strategy, trace',
    mayImport: [
      ...inReasoning('strategies search exploration context memory selection candidates value difficulty'),
      ...inSidecar('verify trace otherFiles'),
      ...requestRooms,
      ...ground,
    ],
  },
  {
    folder: 'sidecar/reasoning/strategies',
    purpose: 'one file for each way to explore candidates',
    mayImport: [
      ...inReasoning('search exploration context selection candidates difficulty'),
      ...requestRooms,
      ...ground,
    ],
  },
  {
    folder: 'sidecar/reasoning/search',
    purpose: 'thoughts that grow step by step',
    mayImport: [
      ...inReasoning('exploration context selection candidates answers'),
      ...requestRooms,
      ...ground,
    ],
  },
  {
    folder: 'sidecar/reasoning/exploration',
    purpose: 'runs candidates from a shared prompt to their ends and has one selected',
    mayImport: [...inReasoning('context selection candidates answers value'), ...requestRooms, ...ground],
  },
  {
    folder: 'sidecar/reasoning/context',
    purpose: 'the interface of strategies, and the context that each is given',
    mayImport: [...inReasoning('memory selection candidates value difficulty'), ...requestRooms],
  },
  {
    folder: 'sidecar/reasoning/memory',
    purpose: 'which strategy worked on which kind of question',
    mayImport: [...inReasoning('difficulty'), ...ground],
  },
  {
    folder: 'sidecar/reasoning/selection',
    purpose: 'one file for each way to choose among candidates',
    mayImport: [...inReasoning('value answers'), ...inSidecar('verify'), ...requestRooms, ...ground],
  },
  {
    folder: 'sidecar/reasoning/candidates',
    purpose: 'writes one candidate: a thought, its end, its answer',
    mayImport: [...inReasoning('value answers'), ...requestRooms, ...ground],
  },
  {
    folder: 'sidecar/reasoning/value',
    purpose: 'how likely a thought is right, by its states',
    mayImport: [...inReasoning('difficulty'), ...inSidecar('engine'), ...ground],
  },
  {
    folder: 'sidecar/reasoning/difficulty',
    purpose: 'how hard a question is, and what follows from it',
    mayImport: [...requestRooms, ...ground],
  },
  {
    folder: 'sidecar/reasoning/answers',
    purpose: 'finds the answer in a text and its canonical form; pure',
    mayImport: [...inSidecar('prompts engine'), ...ground],
  },
  {
    folder: 'sidecar/request',
    purpose: 'what completion and reasoning share: meter, steering, reading a prompt, recording',
    mayImport: [...inSidecar('engine trace'), ...ground],
  },
  {
    folder: 'sidecar/prompts',
    purpose: 'the texts that models are asked with',
    mayImport: inSidecar('engine'),
  },
  {
    folder: 'sidecar/otherFiles',
    purpose: 'parts of other files: which are kept, and which suit a place',
    mayImport: [],
  },
  { folder: 'sidecar/documents', purpose: 'open documents', mayImport: ground },
  {
    folder: 'sidecar/doctor',
    purpose: 'what this machine has and lacks',
    mayImport: [...inSidecar('models verify engine'), ...ground],
  },
  {
    folder: 'sidecar/verify',
    purpose: 'whether code is a program and passes the user’s tests',
    mayImport: [...inSidecar('syntax'), ...ground],
  },
  {
    folder: 'sidecar/syntax',
    purpose: 'reads how code is built, with the grammars that ship',
    mayImport: inSidecar('process'),
  },
  {
    folder: 'sidecar/engine',
    purpose: 'the seam to models; llama.cpp, servers, a script for tests, speculation',
    mayImport: [...inSidecar('gguf'), ...ground],
  },
  { folder: 'sidecar/models', purpose: 'catalogue, store, downloads', mayImport: ground },
  {
    folder: 'sidecar/layerSkip',
    purpose: 'what a running sidecar reads of pruned models',
    mayImport: [...inSidecar('gguf'), ...ground],
  },
  { folder: 'sidecar/gguf', purpose: 'reads GGUF headers', mayImport: ground },
  { folder: 'sidecar/trace', purpose: 'the event log on disk, and its HTML page', mayImport: ground },
  { folder: 'sidecar/spending', purpose: 'what requests have cost, by day and model', mayImport: ground },
  {
    folder: 'sidecar/storage',
    purpose: 'files that are locked, replaced and set aside',
    mayImport: inSidecar('numeric process'),
  },
  {
    folder: 'sidecar/validation',
    purpose: 'narrows values from outside; settings and their ranges',
    mayImport: [],
  },
  { folder: 'sidecar/numeric', purpose: 'statistics, compiled sums, seeded random numbers', mayImport: [] },
  {
    folder: 'sidecar/process',
    purpose: 'clock, signals, system errors, the ends of processes, the machine’s name',
    mayImport: [],
  },
  {
    folder: 'extension',
    purpose: 'activation: puts the parts together, publishes context keys',
    mayImport: inExtension(
      'commands statusBar tracePanel edits ask inlineCompletion otherFiles engine config traces',
    ),
  },
  {
    folder: 'extension/commands',
    purpose: 'what each command does',
    mayImport: inExtension('statusBar tracePanel edits ask inlineCompletion engine config traces'),
  },
  {
    folder: 'extension/statusBar',
    purpose: 'the status bar and its menu',
    mayImport: inExtension('ask inlineCompletion engine config'),
  },
  {
    folder: 'extension/tracePanel',
    purpose: 'the panel’s host side',
    mayImport: inExtension('ask engine config traces'),
  },
  {
    folder: 'extension/edits',
    purpose: 'edits from request to undo',
    mayImport: inExtension('ask engine config'),
  },
  {
    folder: 'extension/ask',
    purpose: 'runs the questions of this window, and knows how each was asked',
    mayImport: inExtension('engine traces config'),
  },
  {
    folder: 'extension/inlineCompletion',
    purpose: 'ghost text',
    mayImport: inExtension('engine config'),
  },
  {
    folder: 'extension/otherFiles',
    purpose: 'offers parts of files to completions in others',
    mayImport: inExtension('engine config'),
  },
  {
    folder: 'extension/engine',
    purpose: 'the sidecar process: launch, connection, supervision',
    mayImport: inExtension('config'),
  },
  {
    folder: 'extension/config',
    purpose: 'what the manifest declares: settings and command ids',
    mayImport: [],
  },
  {
    folder: 'extension/traces',
    purpose: 'the events of this window’s requests, for a panel that opens later',
    mayImport: [],
  },
  { folder: 'webview-ui', purpose: 'the panel', mayImport: [] },
  { folder: 'protocol', purpose: 'what both ends of a wire know', mayImport: [] },
];
