import type { DoctorReport, Finding } from '../../protocol/messages.ts';
import { formatBytes } from '../models/byteText.ts';
import type { MachineFacts } from './machineFacts.ts';

const leastNodeMajor = 20;
/** Beside the weights: a context of useful size and working memory. */
const memoryBesideWeightsBytes = 512 * 1024 * 1024;
/** Below this a store soon has no room for traces, let alone for another model. */
const leastFreeDiskBytes = 1_000_000_000;
/** What llama.cpp's fast paths are built on, as Linux names them. */
const fastFeatures: Readonly<Record<string, readonly string[]>> = {
  x64: ['avx2', 'fma', 'avx512f', 'avx512_vnni', 'avx512_bf16', 'amx_int8'],
  arm64: ['asimd', 'asimddp', 'i8mm', 'sve'],
};

/** What the facts of a machine mean: one finding a subject, each with a remedy where something is missing. Pure. */
export function judgeMachine(facts: MachineFacts): DoctorReport {
  return {
    findings: [
      judgeNode(facts),
      judgeProcessor(facts),
      judgeGpu(facts),
      judgeLibrary(facts),
      judgeOnnxRuntime(facts),
      judgeModel(facts),
      ...judgeAdvice(facts),
      judgeMemory(facts),
      judgeDisk(facts),
      judgeSandbox(facts),
    ],
  };
}

function judgeNode({ nodeVersion }: MachineFacts): Finding {
  const subject = 'Node';
  if (Number.parseInt(nodeVersion, 10) >= leastNodeMajor) return ok(subject, nodeVersion);
  return missing(
    subject,
    `${nodeVersion}, and ${leastNodeMajor} or newer is needed`,
    'Install a newer Node.',
  );
}

function judgeProcessor({ processor }: MachineFacts): Finding {
  const subject = 'Processor';
  const { name, logicalCount, architecture, features } = processor;
  const base = `${name}, ${logicalCount} logical processors`;
  const known = fastFeatures[architecture];
  if (features === null || known === undefined) return ok(subject, base);
  const found = known.filter((feature) => features.includes(feature));
  const detail = `${base}, ${found.length > 0 ? found.join(' ') : 'no vector extensions that llama.cpp is fast with'}`;
  if (architecture !== 'x64' || features.includes('avx2')) return ok(subject, detail);
  return degraded(
    subject,
    `${detail}; without AVX2 models run at a fraction of their speed`,
    'Choose the smallest model, or use a machine whose processor has AVX2.',
  );
}

function judgeGpu({ hasNvidiaDriver, library }: MachineFacts): Finding {
  const subject = 'GPU';
  const flavour = library.type === 'usable' ? library.flavour : '';
  const hasGpuBuild = /cuda|vulkan|metal/.test(flavour);
  if (hasGpuBuild) return ok(subject, `llama.cpp is the ${flavour} build`);
  if (!hasNvidiaDriver) return ok(subject, 'none that a build is installed for; models run on the processor');
  return degraded(
    subject,
    'an NVIDIA GPU is here, and llama.cpp is the build for the processor',
    'Install the CUDA 13 runtime, then run "npm start" (or "ENTROPANE_GPU=vulkan npm start" without it).',
  );
}

function judgeLibrary({ library }: MachineFacts): Finding {
  const subject = 'llama.cpp';
  if (library.type === 'unusable') return missing(subject, library.error.message, library.error.remedy);
  const where = library.backend === null ? '' : `, runs on ${library.backend}`;
  const { release, flavour, packageVersion } = library;
  const packed = packageVersion === null ? '' : `, from node-llama-cpp ${packageVersion}`;
  return ok(subject, `release ${release}, build ${flavour}${packed}${where}`);
}

function judgeOnnxRuntime({ onnxRuntime }: MachineFacts): Finding {
  const subject = 'ONNX Runtime';
  if (onnxRuntime.type === 'usable') return ok(subject, onnxRuntime.version);
  if (onnxRuntime.type === 'unpublished')
    return ok(subject, `not published for ${onnxRuntime.platform}; difficulty is judged by entropy alone`);
  return degraded(
    subject,
    `cannot be loaded (${onnxRuntime.why}); difficulty is judged by entropy alone`,
    'Run "npm start", which installs it, if a difficulty probe is to be used.',
  );
}

function judgeModel({ wantedModel, models }: MachineFacts): Finding {
  const subject = 'Model';
  const others = models.filter((model) => model.path !== null && model.name !== wantedModel.name);
  const also = others.length === 0 ? '' : `; also here: ${others.map((model) => model.name).join(', ')}`;
  if (wantedModel.type === 'missing') {
    return missing(subject, `${wantedModel.error.message}${also}`, wantedModel.error.remedy);
  }
  const { name, path, sizeBytes, refusal } = wantedModel;
  if (refusal !== null) return missing(subject, `${refusal.message}${also}`, refusal.remedy);
  const known = models.find((model) => model.name === name);
  const detail = `${name}, ${formatBytes(sizeBytes)}, ${path}${also}`;
  if (known === undefined || known.verified) return ok(subject, detail);
  return degraded(
    subject,
    `${detail}; its SHA-256 has not been checked`,
    `Check it with "entropane models verify ${name}".`,
  );
}

/** Nothing before a model was measured, and no word on estimates before there are two to compare. */
function judgeAdvice({ advice: { text, checks } }: MachineFacts): readonly Finding[] {
  if (text === '') return [];
  const shares = checks.map(
    ({ name, decodeRatio, prefillRatio }) =>
      `${name} ${decodeRatio.toFixed(2)} writing and ${prefillRatio.toFixed(2)} reading`,
  );
  return [
    ok('Recommendation', text),
    ...(shares.length === 0
      ? []
      : [ok('Estimates', `estimated from the others ÷ measured: ${shares.join(', ')}`)]),
  ];
}

function judgeMemory({ memory, wantedModel }: MachineFacts): Finding {
  const subject = 'Memory';
  const detail = `${formatBytes(memory.freeBytes)} free of ${formatBytes(memory.totalBytes)}`;
  if (wantedModel.type === 'missing') return ok(subject, detail);
  const neededBytes = wantedModel.sizeBytes + memoryBesideWeightsBytes;
  if (memory.freeBytes >= neededBytes) return ok(subject, detail);
  return degraded(
    subject,
    `${detail}; ${wantedModel.name} wants about ${formatBytes(neededBytes)}`,
    'Close other programs, or choose a smaller model.',
  );
}

function judgeDisk({ store }: MachineFacts): Finding {
  const subject = 'Store';
  const elsewhere = 'or set ENTROPANE_HOME to a folder that can be written.';
  if (!store.isWritable) {
    return missing(subject, `${store.folder} cannot be written`, `Make it writable, ${elsewhere}`);
  }
  if (store.freeBytes === null) return ok(subject, store.folder);
  const detail = `${store.folder}, ${formatBytes(store.freeBytes)} free`;
  if (store.freeBytes >= leastFreeDiskBytes) return ok(subject, detail);
  return degraded(subject, detail, `Free space there, ${elsewhere}`);
}

/** Nothing but `verifyCommand` needs one, so a machine without is not one that lacks something. */
function judgeSandbox({ sandbox }: MachineFacts): Finding {
  const subject = 'Sandbox';
  const { kind } = sandbox;
  if (kind === 'none')
    return degraded(
      subject,
      `${sandbox.why} Test commands run with your rights, not confined.`,
      sandbox.remedy,
    );
  const name = kind === 'bubblewrap' ? 'bubblewrap' : 'sandbox-exec';
  return ok(subject, `${name}: test commands run without network and home`);
}

function ok(subject: string, detail: string): Finding {
  return { subject, status: 'ok', detail, remedy: null };
}

function degraded(subject: string, detail: string, remedy: string): Finding {
  return { subject, status: 'degraded', detail, remedy };
}

function missing(subject: string, detail: string, remedy: string): Finding {
  return { subject, status: 'missing', detail, remedy };
}
