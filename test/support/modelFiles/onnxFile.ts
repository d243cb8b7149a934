/**
 * Writes the few ONNX messages that a difficulty probe needs, byte by byte as protobuf has them:
 * softmax(relu(h · w1 + b1) · w2 + b2) over one row of input.
 */
export interface ProbeFixture {
  readonly hiddenSize: number;
  /** Rows of `hiddenSize`, one column a hidden unit. */
  readonly w1: readonly (readonly number[])[];
  readonly b1: readonly number[];
  readonly w2: readonly (readonly number[])[];
  readonly b2: readonly number[];
  readonly metadata: Readonly<Record<string, string>>;
}

export function probeFile(probe: ProbeFixture): Uint8Array {
  const { hiddenSize, w1, b1, w2, b2, metadata } = probe;
  const graph = bytes([
    node('Gemm', ['hidden', 'w1', 'b1'], 'pre'),
    node('Relu', ['pre'], 'relu'),
    node('Gemm', ['relu', 'w2', 'b2'], 'logits'),
    node('Softmax', ['logits'], 'probabilities'),
    field(2, 'probe'),
    tensor('w1', [hiddenSize, b1.length], w1.flat()),
    tensor('b1', [b1.length], b1),
    tensor('w2', [b1.length, b2.length], w2.flat()),
    tensor('b2', [b2.length], b2),
    value(11, 'hidden', [1, hiddenSize]),
    value(12, 'probabilities', [1, b2.length]),
  ]);
  return bytes([
    number(1, 8), // IR version
    field(7, graph),
    field(8, bytes([field(1, ''), number(2, 13)])), // operator set 13 of the default domain
    ...Object.entries(metadata).map(([key, text]) => field(14, bytes([field(1, key), field(2, text)]))),
  ]);
}

const floatType = 1;

function node(operator: string, inputs: readonly string[], output: string): Uint8Array {
  return field(1, bytes([...inputs.map((input) => field(1, input)), field(2, output), field(4, operator)]));
}

function tensor(name: string, shape: readonly number[], values: readonly number[]): Uint8Array {
  const raw = new Uint8Array(new Float32Array(values).buffer);
  return field(
    5,
    bytes([...shape.map((size) => number(1, size)), number(2, floatType), field(8, name), field(9, raw)]),
  );
}

function value(place: 11 | 12, name: string, shape: readonly number[]): Uint8Array {
  const dimensions = bytes(shape.map((size) => field(1, number(1, size))));
  const type = field(1, bytes([number(1, floatType), field(2, dimensions)]));
  return field(place, bytes([field(1, name), field(2, type)]));
}

/** A length-delimited field. */
function field(place: number, content: string | Uint8Array): Uint8Array {
  const body = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  return bytes([varint(place * 8 + 2), varint(body.length), body]);
}

function number(place: number, amount: number): Uint8Array {
  return bytes([varint(place * 8), varint(amount)]);
}

function varint(amount: number): Uint8Array {
  const groups: number[] = [];
  let rest = amount;
  for (; rest >= 128; rest = Math.floor(rest / 128)) groups.push((rest % 128) + 128);
  return Uint8Array.from([...groups, rest]);
}

function bytes(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}
