import type { GgufHeader } from '../../../sidecar/gguf/ggufHeader.ts';
import { uniformAt } from '../../../sidecar/numeric/random.ts';
import { textValue, tinyModelBytes } from './tinyModel.ts';

/** A LoRA adapter of rank 2 with seeded values, which changes the named matrices of a model. */
export function loraFile(
  model: Pick<GgufHeader, 'tensors'>,
  options: {
    readonly architecture: string;
    readonly names: readonly string[];
    readonly size?: number;
    readonly type?: string;
  },
): Uint8Array {
  const { architecture, names, size = 0.5, type = 'lora' } = options;
  const rank = 2;
  const tensors = names.flatMap((name, index) => {
    const matrix = model.tensors.find((tensor) => tensor.name === name);
    const [columns = 1, rows = 1] = matrix?.shape ?? [4, 4];
    return [
      floats(`${name}.lora_a`, [columns, rank], { size, stream: 2 * index }),
      floats(`${name}.lora_b`, [rank, rows], { size, stream: 2 * index + 1 }),
    ];
  });
  const base = new Map([
    ['general.type', textValue('adapter')],
    ['general.architecture', textValue(architecture)],
    ['adapter.type', textValue(type)],
    ['adapter.lora.alpha', { type: 'float32', value: rank } as const],
  ]);
  return tinyModelBytes({ base, tensors });
}

function floats(
  name: string,
  shape: readonly number[],
  draw: { readonly size: number; readonly stream: number },
) {
  const count = shape.reduce((product, length) => product * length, 1);
  const values = Float32Array.from(
    { length: count },
    (_, index) => draw.size * (uniformAt(17, draw.stream, index) - 0.5),
  );
  return { name, shape, typeId: 0, data: new Uint8Array(values.buffer) };
}
