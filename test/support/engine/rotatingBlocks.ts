import type { BlockObserver } from '../../../lab/observe/blockObservation.ts';
import type { CalibrationTokens } from '../../../lab/prune/calibrationTokens.ts';
import { localCapabilities } from '../../../sidecar/engine/capabilities.ts';
import type { ModelInfo } from '../../../sidecar/engine/engine.ts';

export interface RotatingBlocks {
  /** Radians by which each block turns the two-dimensional state that passes through it. */
  readonly angles: readonly number[];
  /** Loss of every token when these blocks are left out. */
  readonly lossNats: (dropped: readonly number[]) => number;
}

/** A model whose blocks are so simple that influence and loss follow by hand. */
export function rotatingBlocks({ angles, lossNats }: RotatingBlocks): BlockObserver {
  const info: ModelInfo = {
    identity: { name: 'rotating', hash: '', hashKind: 'sha256' },
    contextTokens: 64,
    infill: null,
    hasChatTemplate: false,
    endTokens: [],
    backend: 'none',
    capabilities: { ...localCapabilities, hiddenState: 2, thinking: null },
    local: {
      path: '',
      architecture: 'rotating',
      vocabularySize: 8,
      hiddenSize: 2,
      weightCount: 1000,
      blockCount: angles.length,
      trainingContextTokens: 64,
      cacheType: 'f16',
      memoryBytes: 0,
      mappedBytes: 0,
      threads: 1,
      drafts: [],
    },
  };
  return {
    model: {
      info,
      tokenize: (text) => Promise.resolve(Array.from(text, (letter) => letter.charCodeAt(0) % 8)),
      renderChat: () => Promise.reject(new Error('no chats')),
    },
    contextTokens: 64,
    observe: (tokens, { changes, parts, visit }) => {
      let angle = 0;
      const rows = (): Float32Array =>
        Float32Array.from(tokens.flatMap(() => [3 * Math.cos(angle), 3 * Math.sin(angle)]));
      for (const [block, turn] of angles.entries()) {
        for (const part of ['input', 'output'] as const) {
          if (part === 'output' && !changes.dropped.includes(block)) angle += turn;
          if (!parts.some((wanted) => wanted.block === block && wanted.part === part)) continue;
          visit({ block, part, firstToken: 0, tokenCount: tokens.length, values: rows() });
        }
      }
      return Promise.resolve();
    },
    predict: (tokens, changes) =>
      Promise.resolve({
        lossNats: new Float64Array(tokens.length - 1).fill(lossNats(changes.dropped)),
        likeliest: new Int32Array(tokens.length - 1).fill(changes.dropped.length),
      }),
    dispose: () => undefined,
  };
}

/** Texts of so many tokens each. */
export function plainTexts(...lengths: readonly number[]): readonly CalibrationTokens[] {
  return lengths.map((length) => ({
    kind: 'document',
    tokens: Array.from({ length }, (_, i) => i % 8),
    answerFrom: 1,
  }));
}
