import type { ErrorData } from '../../protocol/codedError.ts';
import type { InstalledModel } from '../../protocol/messages.ts';
import type { EstimateCheck } from '../models/paceEstimate.ts';
import type { Sandbox } from '../verify/confinement/sandbox.ts';

/** What was found on a machine, before anybody judges it. */
export interface MachineFacts {
  /** Without the leading `v`. */
  readonly nodeVersion: string;
  readonly processor: ProcessorFacts;
  readonly hasNvidiaDriver: boolean;
  readonly library: LibraryFacts;
  readonly onnxRuntime: OnnxRuntimeFacts;
  /** The model that the settings name. */
  readonly wantedModel: WantedModel;
  /** Every catalogue model, here or not. */
  readonly models: readonly InstalledModel[];
  readonly memory: { readonly totalBytes: number; readonly freeBytes: number };
  readonly store: StoreFacts;
  /** What to use models for, and how far its estimates are off. */
  readonly advice: AdviceFacts;
  /** What test commands are confined with. */
  readonly sandbox: Sandbox;
}

export interface AdviceFacts {
  /** Empty where no model was measured. */
  readonly text: string;
  readonly checks: readonly EstimateCheck[];
}

export interface ProcessorFacts {
  readonly name: string;
  readonly logicalCount: number;
  readonly architecture: string;
  /** Vector extensions in the kernel's names; null where the system does not list them. */
  readonly features: readonly string[] | null;
}

export type LibraryFacts =
  | {
      readonly type: 'usable';
      readonly flavour: string;
      /** Version of the node-llama-cpp package that llama.cpp comes in; null where it names none. */
      readonly packageVersion: string | null;
      /** Release of llama.cpp itself. */
      readonly release: string;
      /** Where layers run, such as `CPU (AMD EPYC 9R14)`; null when only the files were looked at. */
      readonly backend: string | null;
    }
  | { readonly type: 'unusable'; readonly error: ErrorData };

export type OnnxRuntimeFacts =
  | { readonly type: 'usable'; readonly version: string }
  | { readonly type: 'unusable'; readonly why: string }
  /** It does not exist for this system and processor. */
  | { readonly type: 'unpublished'; readonly platform: string };

export type WantedModel =
  | {
      readonly type: 'here';
      readonly name: string;
      readonly path: string;
      readonly sizeBytes: number;
      /** Why it is not loaded: an earlier trial load failed. Null for a file that is loaded, or was never tried. */
      readonly refusal: ErrorData | null;
    }
  | { readonly type: 'missing'; readonly name: string; readonly error: ErrorData };

export interface StoreFacts {
  readonly folder: string;
  /** Null when the folder cannot be made or looked at. */
  readonly freeBytes: number | null;
  readonly isWritable: boolean;
}
