import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { catalogue } from '../../sidecar/models/catalogue.ts';
import { shippedTable } from '../../sidecar/reasoning/difficulty/autoTable.ts';
import shippedLoss from '../../sidecar/reasoning/difficulty/shippedProbeLoss.json' with { type: 'json' };
import { beatsConstant, probeLossOf } from '../../sidecar/reasoning/difficulty/probeLoss.ts';
import { lossLines } from '../../lab/calibrate/calibrationReport.ts';
import { constantLossNats } from '../../lab/calibrate/evaluation.ts';
import { difficultyClasses } from '../../protocol/traceEvent.ts';
import { loadEstimator } from '../../sidecar/reasoning/difficulty/loadEstimator.ts';
import { readOnnxMetadata } from '../../sidecar/reasoning/difficulty/onnxMetadata.ts';
import { probeMetadataKeys } from '../../sidecar/reasoning/difficulty/probe.ts';
import { scriptedModel } from '../support/engine/scriptedRequest.ts';

const folder = path.join(import.meta.dirname, '../../media/probes');
const files = await readdir(folder);
const probes = files.filter((file) => file.endsWith('.onnx')).map((file) => path.basename(file, '.onnx'));

describe('what ships of measurements', () => {
  it('are probes of models in the catalogue, at least one', () => {
    const known = catalogue.map(({ sha256 }) => sha256);
    expect(probes.filter((hash) => known.includes(hash))).toEqual(probes);
    expect(probes.length).toBeGreaterThan(0);
  });

  it.each(probes)('has a probe that its model can be judged by: %s', async (hash) => {
    const metadata = readOnnxMetadata(await readFile(path.join(folder, `${hash}.onnx`)));
    const stateSize = Number(metadata?.get(probeMetadataKeys.hiddenSize));
    const state = new Float32Array(stateSize).fill(0.5);
    const { info } = await scriptedModel(() => '');
    const { estimator, notes } = await loadEstimator([folder], {
      ...info,
      capabilities: { ...info.capabilities, hiddenState: stateSize },
      identity: { ...info.identity, hash },
    });
    const evidence = { probePrefixEntropyNats: [], hasEnded: false, promptState: state };
    const { source, probabilities } = await estimator.estimate(evidence);
    await estimator.dispose();
    expect(notes).toEqual([]);
    expect(source).toBe('probe');
    expect(probabilities?.reduce((sum, probability) => sum + probability)).toBeCloseTo(1, 5);
  });

  it.each(Object.entries(shippedLoss))('has a log-loss beside a constant’s: %s', async (hash, loss) => {
    const report = await readFile(path.join(folder, `${hash}.md`), 'utf8');
    // The constant's follows from the classes of the questions that it was fitted to.
    const labels = difficultyClasses.flatMap((name) => {
      const row =
        report.split('\n').find((line) => line.startsWith(`| ${name} | `) && line.includes('%')) ?? '';
      return Array.from({ length: Number(row.split(' | ')[1]) }, () => name);
    });
    expect(labels).toHaveLength(225);
    expect(constantLossNats(labels).toFixed(3)).toBe(loss.constantLossNats.toFixed(3));
    expect(report).toContain(`which leave a loss of ${loss.foldLossNats.toFixed(3)} nats`);
    expect(report).toContain(lossLines(loss, labels.length).join('\n'));
    expect(report).not.toContain('above the commonest class and');
    const metadata = readOnnxMetadata(await readFile(path.join(folder, `${hash}.onnx`)));
    const found = probeLossOf({
      modelHash: metadata?.get(probeMetadataKeys.modelHash),
      trainingSetHash: metadata?.get(probeMetadataKeys.trainingSetHash),
      validation: metadata?.get(probeMetadataKeys.validation),
    });
    expect(found).toEqual(loss);
    expect(beatsConstant(found)).toBe(loss.foldLossNats < loss.constantLossNats);
  });

  it('has a log-loss of every probe', () => {
    expect(Object.keys(shippedLoss).toSorted()).toEqual(probes.toSorted());
  });

  it.each(probes)('has a report whose plots lie beside it: %s', async (hash) => {
    const report = await readFile(path.join(folder, `${hash}.md`), 'utf8');
    const plots = [...report.matchAll(/!\[[^\]]*\]\(([^)]+)\)/g)].map(([, link]) => link);
    expect(plots).toHaveLength(2);
    expect(files).toEqual(expect.arrayContaining(plots));
  });

  it('has a row of the table of auto for each probe, measured with it', () => {
    const judges = Object.entries(shippedTable.models).map(([hash, { judge }]) => ({ hash, judge }));
    expect(judges).toEqual(expect.arrayContaining(probes.map((hash) => ({ hash, judge: 'probe' }))));
  });
});
