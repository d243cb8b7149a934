import { requireLocal } from '../../../sidecar/engine/requireLocal.ts';
import { CodedError } from '../../../protocol/codedError.ts';
import type { ModelPace } from '../../../protocol/health.ts';
import type { ModelIdentity } from '../../../protocol/traceEvent.ts';
import type { Engine, LoadOptions, Model } from '../../../sidecar/engine/engine.ts';
import { createScriptedEngine } from '../../../sidecar/engine/scripted/scriptedEngine.ts';
import { HealthValue } from '../../../sidecar/modelHosting/healthValue.ts';
import { ModelOwner, type ModelRole } from '../../../sidecar/modelHosting/modelOwner.ts';
import { ServerBook } from '../../../sidecar/modelHosting/serverBook.ts';
import type { ModelSettings } from '../../../sidecar/modelHosting/modelSlot.ts';
import { entropyRule, uncalibratedThresholds } from '../../../sidecar/reasoning/difficulty/entropyRule.ts';

const never = new AbortController().signal;
/** After which the owner unloads what nobody uses. */
export const idleMs = 60_000;
/** Settings with a model that is one file. */
export const oneModel: ModelSettings = {
  model: 'one.gguf',
  contextTokens: 0,
  threads: 0,
  speculation: 'off',
  draftModel: '',
  adapter: '',
  adapterScale: 1,
  prefixBytesLimit: 0,
  prefixDiskBytesLimit: 0,
  cacheType: 'auto',
  memoryBytesLimit: 0,
  thinkingForm: 'auto',
};

/** An owner of models over files that exist by name, and loads that a test lets through. */
export class OwnerBench {
  readonly servers = new ServerBook();
  readonly files = new Set(['one.gguf', 'two.gguf', 'three.gguf']);
  readonly loads: {
    readonly path: string;
    readonly identity: ModelIdentity | undefined;
    readonly drafts: LoadOptions['drafts'];
    readonly prefixFiles: LoadOptions['prefixFiles'];
    readonly finish: (error?: CodedError) => void;
  }[] = [];
  /** Hashes of the files that were hashed in full. */
  readonly hashes = new Map<string, string>();
  readonly disposed: string[] = [];
  disposedEstimators = 0;
  /** How many models had been disposed each time the requests on one were ended. */
  readonly endings: number[] = [];
  readonly endedRoles: ModelRole[] = [];
  /** What the owner has put off, in order; null where it was called off. */
  readonly scheduled: ({ readonly run: () => void; readonly delayMs: number } | null)[] = [];
  nowMs = 0;
  /** Files that this process says it has in memory. */
  readonly entered: string[] = [];
  /** Processes that have a file in memory already. */
  readonly othersWith = new Map<string, readonly number[]>();
  readonly log: string[] = [];
  /** Files of the models that were offered to be measured, how fast the others are, and how often a request came first. */
  readonly idled: string[] = [];
  readonly paces = new Map<string, ModelPace>();
  wantedCount = 0;
  /** The folder of the workspace that is open. */
  prefixFolder: string | null = null;
  /** Whether a file that was loaded before is the same model again, as for the engine while options are the same. */
  sharesLoads = false;
  readonly #shared = new Map<string, Model>();
  readonly health = new HealthValue();
  readonly states: string[] = [];
  readonly owner: ModelOwner;
  /** Plays the death of the engine. */
  fail: () => void = () => undefined;
  /** What loading an estimator waits for. */
  estimatorGate: Promise<void> = Promise.resolve();

  constructor() {
    this.health.subscribe((health) => {
      this.states.push('modelName' in health ? `${health.state} ${health.modelName}` : health.state);
    });
    const scripted = createScriptedEngine(() => '');
    const engine: Engine = {
      open: async (source, options, signal) => {
        const path = source.kind === 'file' ? source.path : source.address;
        const shared = this.sharesLoads ? this.#shared.get(path) : undefined;
        if (shared !== undefined) return shared;
        await new Promise<void>((resolve, reject) => {
          const finish = (error?: CodedError): void => {
            if (error === undefined) resolve();
            else reject(error);
          };
          this.loads.push({
            path,
            identity: options.identity,
            drafts: options.drafts,
            prefixFiles: options.prefixFiles,
            finish,
          });
        });
        const loaded = this.#watched(await scripted.open(source, options, signal));
        this.#shared.set(path, loaded);
        return loaded;
      },
      onFailed: (listener) => {
        this.fail = () => {
          listener(new CodedError('engine.failed', 'The thread died.', 'Ask again.'));
        };
      },
      dispose: () => scripted.dispose(),
    };
    this.owner = new ModelOwner({
      engine,
      health: this.health,
      resolve: (name) =>
        this.files.has(name)
          ? Promise.resolve({ name, path: name, sizeBytes: 1, sha256: this.hashes.get(name) ?? null })
          : Promise.reject(new CodedError('model.missing', 'Not here.', 'Fetch it.')),
      loadedModels: () => ({
        enter: (path) => {
          this.entered.push(path);
          return Promise.resolve(this.othersWith.get(path) ?? []);
        },
        inTurn: (_path, { load }) => load([]),
        leave: (path) => {
          this.entered.splice(this.entered.indexOf(path), 1);
          return Promise.resolve();
        },
      }),
      readProfile: () => Promise.resolve(null),
      serverOf: (name) => this.servers.find(name),
      machine: '',
      loadEstimator: async () => {
        await this.estimatorGate;
        return {
          estimator: {
            ...entropyRule(uncalibratedThresholds),
            dispose: () => {
              this.disposedEstimators += 1;
              return Promise.resolve();
            },
          },
          notes: ['a note'],
        };
      },
      beforeRelease: (role) => {
        this.endings.push(this.disposed.length);
        this.endedRoles.push(role);
      },
      benchmark: {
        idle: (model) => this.idled.push(requireLocal(model.info).path),
        paceOf: (model) => this.paces.get(requireLocal(model.info).path) ?? null,
        wanted: () => {
          this.wantedCount += 1;
        },
      },
      prefixFolder: () => this.prefixFolder,
      log: (line) => this.log.push(line),
      now: () => this.nowMs,
      idleMs: () => idleMs,
      schedule: (run, delayMs) => {
        const index = this.scheduled.push({ run, delayMs }) - 1;
        return () => {
          this.scheduled[index] = null;
        };
      },
    });
  }

  /** Loads the file for a role and gives the lease on it back. */
  async serve(model: string, role: ModelRole): Promise<void> {
    this.owner.assign(role, { ...oneModel, model });
    const acquired = this.owner.acquire(never, role);
    await this.whenLoads(this.loads.length + 1);
    this.loads.at(-1)?.finish();
    (await acquired).release();
  }

  /** Resolves once the engine was asked for so many loads. */
  async whenLoads(count: number): Promise<void> {
    while (this.loads.length < count) await new Promise(setImmediate);
  }

  #watched(model: Model): Model {
    return new Proxy(model, {
      get: (target, name) => {
        if (name === 'dispose') {
          return () => {
            this.disposed.push(requireLocal(target.info).path);
            return target.dispose();
          };
        }
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
  }
}
