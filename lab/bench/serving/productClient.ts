import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CodedError } from '../../../protocol/codedError.ts';
import type { TraceEvent } from '../../../protocol/traceEvent.ts';
import { SidecarClient } from '../../../sidecar/cli/sidecarClient.ts';
import { hashPromptText } from '../../../sidecar/request/promptHash.ts';
import { type ServedText, TokenWatch } from './servedText.ts';

/** A question as the product puts it, and the prompt that it is expected to make of it. */
export interface ProductQuestion {
  readonly question: string;
  readonly promptText: string;
  readonly tokens: number;
}

/** A sidecar process that asks a server, with a store of its own, which goes with it. Its caller disposes it. */
export class ProductClient {
  readonly #client: SidecarClient;
  readonly #storePath: string;

  private constructor(client: SidecarClient, storePath: string) {
    this.#client = client;
    this.#storePath = storePath;
  }

  static async start(bundleFolder: string, origin: string): Promise<ProductClient> {
    const storePath = await mkdtemp(join(tmpdir(), 'entropane-serving-'));
    try {
      const client = await SidecarClient.start({
        sidecarPath: join(bundleFolder, 'sidecar.cjs'),
        settings: { model: origin, storePath },
        servers: [{ address: origin }],
        fallsBack: true,
        onLog: () => undefined,
      });
      return new ProductClient(client, storePath);
    } catch (thrown) {
      await rm(storePath, { recursive: true, force: true });
      throw thrown;
    }
  }

  /**
   * From the request to the token in this process: rendering and tokenizing by the server, the trace and the wire included.
   * Throws `engine.failed` where the prompt is another than expected.
   */
  async ask({ question, promptText, tokens }: ProductQuestion, signal: AbortSignal): Promise<ServedText> {
    const watch = new TokenWatch();
    let promptHash = '';
    const budget = { answerTokensPerCandidate: tokens, generatedTokens: tokens };
    await this.#client.request(
      'entropane/ask',
      { question, strategy: 'direct', budget },
      {
        signal,
        onPartial: (events) => {
          for (const event of events) {
            if (event.type === 'request/started') promptHash = event.promptHash;
            watch.see(tokensIn(event));
          }
        },
      },
    );
    if (promptHash !== hashPromptText(promptText)) throw otherPrompt();
    return watch.end();
  }

  async dispose(): Promise<void> {
    await this.#client.dispose();
    await rm(this.#storePath, { recursive: true, force: true });
  }
}

function tokensIn(event: TraceEvent): number {
  return event.type === 'tokens/appended' ? event.tokens.ids.length : 0;
}

function otherPrompt(): CodedError {
  return new CodedError(
    'engine.failed',
    'The sidecar sent another prompt than the plain client, so nothing was measured.',
    'Compare the two prompts in the trace.',
  );
}
