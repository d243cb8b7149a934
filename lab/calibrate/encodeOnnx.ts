/** What goes into a graph, or comes out; a size that varies has a name in place of a number. */
export interface GraphPort {
  readonly name: string;
  readonly shape: readonly (number | string)[];
}

export interface OnnxGraph {
  readonly name: string;
  /** Made by `node`, in the order in which they run. */
  readonly nodes: readonly Bytes[];
  /** Made by `tensor`. */
  readonly tensors: readonly Bytes[];
  readonly inputs: readonly GraphPort[];
  readonly output: GraphPort;
}

/**
 * A graph as an ONNX file, with metadata beside. Written field by field as protobuf has them
 * (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto); `onnxMetadata.ts` reads the metadata back. The same arguments
 * give the same bytes.
 */
export function encodeOnnx(
  { name, nodes, tensors, inputs, output }: OnnxGraph,
  metadata: ReadonlyMap<string, string>,
): Uint8Array {
  const graph = message(
    ...nodes,
    text(graphField.name, name),
    ...tensors,
    ...inputs.map((port) => valueInfo(graphField.input, port.name, port.shape)),
    valueInfo(graphField.output, output.name, output.shape),
  );
  return message(
    number(modelField.irVersion, 8),
    text(modelField.producer, 'entropane'),
    bytes(modelField.graph, graph),
    bytes(
      modelField.operatorSet,
      message(text(operatorSetField.domain, ''), number(operatorSetField.version, 13)),
    ),
    ...[...metadata].map(([key, value]) => bytes(modelField.metadata, message(text(1, key), text(2, value)))),
  );
}

const modelField = { irVersion: 1, producer: 2, graph: 7, operatorSet: 8, metadata: 14 } as const;
const graphField = { node: 1, name: 2, tensor: 5, input: 11, output: 12 } as const;
const nodeField = { input: 1, output: 2, operator: 4, attribute: 5 } as const;
const attributeField = { name: 1, integer: 3, type: 20 } as const;
const tensorField = { size: 1, elementType: 2, name: 8, rawData: 9 } as const;
const operatorSetField = { domain: 1, version: 2 } as const;

/** ONNX's numbers for the type of an element that is a float, and of an attribute that is a whole number. */
const floatType = 1;
const integerAttribute = 2;

/** Part of a file as protobuf has it. */
export type Bytes = Uint8Array;

/** Weights lie a row for each output, where Gemm expects a row for each input. */
export const gemmTransposed: readonly Bytes[] = [
  bytes(
    nodeField.attribute,
    message(
      text(attributeField.name, 'transB'),
      number(attributeField.integer, 1),
      number(attributeField.type, integerAttribute),
    ),
  ),
];

/** One operation of a graph. */
export function node(
  operator: string,
  inputs: readonly string[],
  output: string,
  attributes: readonly Bytes[],
): Bytes {
  const named = inputs.map((input) => text(nodeField.input, input));
  const rest = [text(nodeField.output, output), text(nodeField.operator, operator), ...attributes];
  return bytes(graphField.node, message(...named, ...rest));
}

/** Weights of a graph, as 32-bit floats. */
export function tensor(name: string, shape: readonly number[], values: Float64Array): Bytes {
  const raw = new Uint8Array(values.length * 4);
  const view = new DataView(raw.buffer);
  // ONNX has raw data in little-endian order on every machine.
  values.forEach((value, index) => {
    view.setFloat32(index * 4, value, true);
  });
  const sizes = shape.map((size) => number(tensorField.size, size));
  return bytes(
    graphField.tensor,
    message(
      ...sizes,
      number(tensorField.elementType, floatType),
      text(tensorField.name, name),
      bytes(tensorField.rawData, raw),
    ),
  );
}

/** A named block of floats, whose sizes are numbers or names of what varies: ValueInfoProto with TypeProto.Tensor and TensorShapeProto inside. */
function valueInfo(place: number, name: string, shape: readonly (number | string)[]): Bytes {
  const sizes = message(
    ...shape.map((size) => bytes(1, typeof size === 'number' ? number(1, size) : text(2, size))),
  );
  const tensorType = message(number(1, floatType), bytes(2, sizes));
  return bytes(place, message(text(1, name), bytes(2, bytes(1, tensorType))));
}

function text(place: number, content: string): Bytes {
  return bytes(place, new TextEncoder().encode(content));
}

/** A field with its length before it: wire type 2. */
function bytes(place: number, content: Bytes): Bytes {
  return message(varint(place * 8 + 2), varint(content.length), content);
}

/** A field that is a whole number: wire type 0. */
function number(place: number, amount: number): Bytes {
  return message(varint(place * 8), varint(amount));
}

/** Base 128, least significant group first. */
function varint(amount: number): Bytes {
  const groups: number[] = [];
  let rest = amount;
  for (; rest >= 128; rest = Math.floor(rest / 128)) groups.push((rest % 128) + 128);
  return Uint8Array.from([...groups, rest]);
}

function message(...parts: readonly Bytes[]): Bytes {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let position = 0;
  for (const part of parts) {
    whole.set(part, position);
    position += part.length;
  }
  return whole;
}
