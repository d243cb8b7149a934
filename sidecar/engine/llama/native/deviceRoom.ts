/** Devices that llama.cpp splits a model over, seen as one. */
export interface DeviceRoom {
  /** Free on all of them together. */
  readonly freeBytes: number;
  readonly count: number;
}
