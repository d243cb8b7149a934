import type { Finding } from '../../../protocol/messages.ts';
import { examineMachine } from '../../doctor/examineMachine.ts';
import { examineServer } from '../../doctor/examineServer.ts';
import { findLlamaLibraries, llamaVersion } from '../../engine/llama/native/libraryLocation.ts';
import { adviceFacts } from '../../modelHosting/machineAdvice.ts';
import { machineTrials } from '../../modelHosting/machineTrials.ts';
import { openMachineStore } from '../../models/machineStore.ts';
import { systemClock } from '../../process/clock.ts';
import { defaultSettings } from '../../validation/sidecarSettings.ts';
import { probeSandbox } from '../../verify/confinement/probeSandbox.ts';
import { defineCommand, jsonOption, storeOption, UsageError } from '../command.ts';
import { type NamedServer, serverOf, serverOptions } from '../serverOptions.ts';

const marks: Readonly<Record<Finding['status'], string>> = { ok: '✓', degraded: '!', missing: '✗' };

/** `entropane doctor`: exit code 1 when something that is needed is missing. Loads llama.cpp for real, unlike the sidecar's own report. */
export const doctorCommand = defineCommand({
  name: 'doctor',
  summary: 'Say what this machine, or a server, has for running models, and what to do about what it lacks',
  usage: 'doctor [options]',
  options: {
    model: { type: 'string', placeholder: 'NAME', description: 'Catalogue name, or path of a GGUF file' },
    ...serverOptions,
    ...storeOption,
    ...jsonOption,
  },
  run: async ({ values, positionals, terminal }, signal) => {
    if (positionals.length > 0) throw new UsageError('"doctor" takes no arguments.');
    const server = await serverOf(values, terminal);
    const findings =
      server === null ? await machineFindings(values, terminal.note) : await serverFindings(server, signal);
    const missingCount = findings.filter((finding) => finding.status === 'missing').length;
    if (values.json === true) {
      for (const finding of findings) terminal.print(JSON.stringify({ type: 'finding', ...finding }));
      terminal.print(JSON.stringify({ type: 'result', missingCount }));
    } else {
      const width = Math.max(...findings.map((finding) => finding.subject.length));
      for (const finding of findings) terminal.print(findingText(finding, width));
    }
    return missingCount === 0 ? 0 : 1;
  },
});

/** What each of the servers can do, one after the other, so that each has its time for itself. */
async function serverFindings(server: NamedServer, signal: AbortSignal): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const address of [server.address, ...server.others])
    findings.push(...(await examineServer({ ...server, address }, systemClock, signal)));
  return findings;
}

/** What this machine has for the model of the options. */
async function machineFindings(
  { store, model }: { readonly store?: string; readonly model?: string },
  log: (line: string) => void,
): Promise<readonly Finding[]> {
  const location = {
    storePath: store ?? defaultSettings.storePath,
    environment: process.env,
    clock: systemClock,
  };
  const { findings } = await examineMachine({
    models: openMachineStore(location),
    trials: machineTrials({ ...location, bundleFolder: __dirname, log }),
    wantedModel: model ?? defaultSettings.model,
    advise: adviceFacts,
    inspectLibrary: loadLibrary,
    inspectSandbox: () => probeSandbox(process.platform, process.env),
  });
  return findings;
}

function findingText({ subject, status, detail, remedy }: Finding, width: number): string {
  const line = `${marks[status]} ${subject.padEnd(width)}  ${detail}`;
  return remedy === null ? line : `${line}\n  ${' '.repeat(width)}  → ${remedy}`;
}

/** Loaded here only: every other command leaves native code to the sidecar. */
async function loadLibrary() {
  const { openNativeRuntime } = await import('../../engine/llama/native/nativeRuntime.ts');
  const { flavour, backend } = openNativeRuntime(__dirname);
  const { packageVersion } = findLlamaLibraries(__dirname, process.platform, process.arch);
  return { type: 'usable', flavour, packageVersion, release: llamaVersion, backend } as const;
}
