import type { InferenceSession } from 'onnxruntime-node';
import type { ModelInfo } from '../../engine/engine.ts';

/** Metadata that every file has which reads states of one model. */
export const headMetadataKeys = {
  /** Hash of the model whose hidden states it was fitted to, as in `ModelIdentity`. */
  modelHash: 'entropane.modelHash',
  modelName: 'entropane.modelName',
  /** Decimal digits: values of the hidden state that its graph takes, as `Capabilities.hiddenState`. */
  hiddenSize: 'entropane.hiddenSize',
  trainingSetHash: 'entropane.trainingSetHash',
  /** `questionMark` of each question that it was fitted to, separated by spaces. */
  trainingQuestions: 'entropane.trainingQuestions',
  /** JSON: how it did on questions that it was not fitted to. */
  validation: 'entropane.validation',
} as const;

export const noStateReason = 'the model gives no hidden state that it could read';

/**
 * Why a file does not serve a model, as a clause; null where nothing speaks against it. `metadata` is null for a damaged
 * file, `version` the one that the file says it is of, and `newest` the highest that is understood.
 */
export function headRefusal(
  metadata: ReadonlyMap<string, string> | null,
  info: ModelInfo,
  { version, newest }: { readonly version: number; readonly newest: number },
): string | null {
  if (metadata === null) return 'the file is damaged';
  if (version > newest) return 'it was made by a newer version of this program';
  const modelHash = metadata.get(headMetadataKeys.modelHash);
  if (modelHash === undefined) return 'the file does not say which model it is for';
  if (modelHash !== info.identity.hash) return 'it was made for another model';
  if (info.capabilities.hiddenState === null) return noStateReason;
  const inputSize = Number(metadata.get(headMetadataKeys.hiddenSize));
  if (inputSize === info.capabilities.hiddenState) return null;
  return `it reads ${inputSize} values where the model gives ${info.capabilities.hiddenState}`;
}

/** Opens a graph in onnxruntime-node, which is loaded only now; one thread. The session is the caller's to release. */
export async function openGraph(bytes: Uint8Array): Promise<InferenceSession> {
  const { InferenceSession } = await import('onnxruntime-node');
  // Severity 3 is errors: the runtime writes its log to stderr.
  return InferenceSession.create(bytes, { logSeverityLevel: 3, intraOpNumThreads: 1 });
}
