import { CodedError } from '../../protocol/codedError.ts';
import type { LlamaLibrary } from '../../sidecar/engine/llama/native/llamaBindings.ts';
import type { Pointer } from '../../sidecar/engine/llama/native/llamaStructs.ts';
import { addressOf } from '../../sidecar/engine/llama/native/nativeAddress.ts';
import type { BlockChanges, BlockPart, BlockRows, ObservationRequest } from './blockObservation.ts';

export interface TapDependencies {
  readonly library: LlamaLibrary;
  readonly blockCount: number;
  readonly hiddenSize: number;
  /** Tokens of one decode at most. */
  readonly batchTokens: number;
}

/** What one decode is to show and change. */
export interface TapOrder {
  readonly changes: BlockChanges;
  readonly parts: ObservationRequest['parts'];
  readonly visit: ObservationRequest['visit'];
  /** Computes no further than the last wanted node: there are no logits then. */
  readonly isPartial: boolean;
}

/** What goes into the first block; models that scale it name the result too, and it comes later. */
const embeddingNames: readonly string[] = ['embd', 'inp_scaled'];

type NodeKind = 'embedding' | 'feedForwardInput' | 'feedForwardOutput' | 'output';

interface Node {
  readonly kind: NodeKind;
  /** −1 for the embedding, which is the output of nothing. */
  readonly block: number;
}

/**
 * Looks at, and overwrites, the states between blocks while llama.cpp computes a graph: the evaluation callback gives
 * every node by name, and what is written into a computed node is what later nodes read. So a block is left out by
 * putting its input in the place of its output.
 */
export class BlockTap {
  readonly #dependencies: TapDependencies;
  /** The stream after the last block that was read. */
  readonly #stream: Float32Array;
  readonly #side: Float32Array;
  #order: TapOrder | null = null;
  #nodes = new Map<string, Node>();
  #lastName = '';
  #visited = new Set<string>();
  #firstToken = 0;
  #tokenCount = 0;
  #isOver = false;
  #failure: unknown = null;

  constructor(dependencies: TapDependencies) {
    this.#dependencies = dependencies;
    this.#stream = new Float32Array(new ArrayBuffer(dependencies.batchTokens * dependencies.hiddenSize * 4));
    this.#side = new Float32Array(new ArrayBuffer(dependencies.batchTokens * dependencies.hiddenSize * 4));
  }

  /** Says what the decodes until the next call are to show and change. */
  arm(order: TapOrder): void {
    this.#order = order;
    this.#nodes = nodesFor(order, this.#dependencies.blockCount);
    this.#lastName = [...this.#nodes.keys()].at(-1) ?? '';
  }

  /** Runs one decode of these tokens under the order. Throws what a visitor threw, and `model.unsupported`. */
  during<T>(firstToken: number, tokenCount: number, decode: () => T): T {
    this.#firstToken = firstToken;
    this.#tokenCount = tokenCount;
    this.#visited = new Set();
    this.#isOver = false;
    this.#failure = null;
    const result = decode();
    if (this.#failure !== null) throw this.#failure as Error;
    const missing = [...this.#nodes].find(
      ([name, { kind }]) => kind !== 'embedding' && !this.#visited.has(name),
    );
    if (missing !== undefined) throw withoutStates(missing[0]);
    return result;
  }

  /** The evaluation callback. */
  readonly onNode = (tensor: Pointer, ask: boolean): boolean => {
    if (this.#isOver) return false;
    const name = this.#dependencies.library.tensorName(tensor);
    const node = this.#nodes.get(name);
    if (node === undefined) return false;
    if (ask) return true;
    try {
      this.#handle(tensor, node);
      this.#visited.add(name);
    } catch (thrown) {
      // An exception must not unwind through native code.
      this.#failure = thrown;
      this.#isOver = true;
    }
    if (name === this.#lastName && this.#order?.isPartial === true) this.#isOver = true;
    return !this.#isOver;
  };

  #handle(tensor: Pointer, node: Node): void {
    const order = this.#order;
    if (order === null) return;
    const { block } = node;
    switch (node.kind) {
      case 'embedding':
      case 'output':
        if (order.changes.dropped.includes(block)) this.#write(tensor, this.#stream);
        else this.#read(tensor, this.#stream);
        this.#show(order, 'output', block, this.#stream);
        this.#show(order, 'input', block + 1, this.#stream);
        return;
      case 'feedForwardInput':
        this.#read(tensor, this.#side);
        this.#show(order, node.kind, block, this.#side);
        return;
      case 'feedForwardOutput': {
        this.#read(tensor, this.#side);
        this.#show(order, node.kind, block, this.#side);
        const rewrite = order.changes.rewrites?.get(block);
        if (rewrite === undefined) return;
        rewrite(this.#rows(node.kind, block, this.#side));
        this.#write(tensor, this.#side);
        return;
      }
    }
  }

  #show(order: TapOrder, part: BlockPart, block: number, values: Float32Array): void {
    if (order.parts.some((wanted) => wanted.part === part && wanted.block === block)) {
      order.visit(this.#rows(part, block, values));
    }
  }

  #rows(part: BlockPart, block: number, values: Float32Array): BlockRows {
    const tokenCount = this.#tokenCount;
    const used = values.subarray(0, tokenCount * this.#dependencies.hiddenSize);
    return { block, part, firstToken: this.#firstToken, tokenCount, values: used };
  }

  #read(tensor: Pointer, target: Float32Array): void {
    this.#dependencies.library.readTensor(tensor, addressOf(target), 0, this.#bytesOf(tensor));
  }

  #write(tensor: Pointer, source: Float32Array): void {
    this.#dependencies.library.writeTensor(tensor, addressOf(source), 0, this.#bytesOf(tensor));
  }

  /** Bytes of the tensor, which must be one 32-bit number for each token and state value. */
  #bytesOf(tensor: Pointer): number {
    const { library, hiddenSize } = this.#dependencies;
    const sizeBytes = library.tensorBytes(tensor);
    if (sizeBytes !== this.#tokenCount * hiddenSize * 4) throw withoutStates(library.tensorName(tensor));
    return sizeBytes;
  }
}

/** The graph's nodes that the order needs, by name, in the order of computing. */
function nodesFor({ changes, parts }: TapOrder, blockCount: number): Map<string, Node> {
  const nodes = new Map<string, Node>();
  const wants = (block: number, part: BlockPart): boolean =>
    parts.some((wanted) => wanted.block === block && wanted.part === part);
  const isDropped = (block: number): boolean => changes.dropped.includes(block);
  if (wants(0, 'input') || isDropped(0)) {
    for (const name of embeddingNames) nodes.set(name, { kind: 'embedding', block: -1 });
  }
  for (let block = 0; block < blockCount; block++) {
    if (wants(block, 'feedForwardInput')) nodes.set(`ffn_inp-${block}`, { kind: 'feedForwardInput', block });
    if (wants(block, 'feedForwardOutput') || changes.rewrites?.has(block) === true) {
      nodes.set(`ffn_out-${block}`, { kind: 'feedForwardOutput', block });
    }
    const isStreamWanted = wants(block, 'output') || wants(block + 1, 'input');
    if (isStreamWanted || isDropped(block) || isDropped(block + 1)) {
      nodes.set(`l_out-${block}`, { kind: 'output', block });
    }
  }
  return nodes;
}

function withoutStates(name: string): CodedError {
  return new CodedError(
    'model.unsupported',
    `The blocks of this model cannot be observed: llama.cpp computes no state "${name}" of each token for it.`,
    'Use a dense model such as Qwen2.5-Coder, Llama or SmolLM2, or choose blocks without measuring.',
  );
}
