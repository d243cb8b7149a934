import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createInterface, type Interface } from 'node:readline';
import type { CompanionCalls, CompanionReply } from './companionCalls.ts';

interface Pending {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** A program in the editor under test that has called the test. */
interface Caller {
  readonly socket: Socket;
  readonly lines: Interface;
}

/** Where the companion extension and the scripted sidecar call the test, each by its name. Loopback only. */
export class TestLine implements AsyncDisposable {
  readonly port: number;
  readonly #server: Server;
  readonly #companion: Promise<Caller>;
  readonly #sidecar: Promise<Caller>;
  readonly #pending = new Map<number, Pending>();
  #nextId = 1;

  private constructor(server: Server) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    const caller = (name: string): Promise<Caller> =>
      new Promise((resolve) => {
        server.on('connection', (socket) => {
          const lines = createInterface({ input: socket });
          // The editor ends with the test, and its sockets with it.
          socket.on('error', () => undefined);
          lines.once('line', (said) => {
            if (said === name) resolve({ socket, lines });
          });
        });
      });
    this.#companion = caller('companion').then((companion) => {
      companion.lines.on('line', (text) => {
        this.#receive(JSON.parse(text) as CompanionReply);
      });
      return companion;
    });
    this.#sidecar = caller('sidecar');
  }

  static async listen(): Promise<TestLine> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new TestLine(server);
  }

  /** Resolves once both have called. */
  async whenJoined(): Promise<void> {
    await Promise.all([this.#companion, this.#sidecar]);
  }

  /** Has the companion do something. Rejects with what it threw. */
  async call<N extends keyof CompanionCalls>(
    name: N,
    given: CompanionCalls[N]['given'],
  ): Promise<CompanionCalls[N]['value']> {
    const { socket } = await this.#companion;
    const id = this.#nextId++;
    const answered = new Promise<unknown>((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
    });
    socket.write(`${JSON.stringify({ id, name, given })}\n`);
    return (await answered) as CompanionCalls[N]['value'];
  }

  /** Resolves once the model has a held answer to write. To be called before it is asked. */
  async whenHeld(): Promise<void> {
    const { lines } = await this.#sidecar;
    await once(lines, 'line');
  }

  async letWrite(): Promise<void> {
    const { socket } = await this.#sidecar;
    socket.write('go\n');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { socket } of await Promise.all([this.#companion, this.#sidecar])) socket.destroy();
    this.#server.close();
  }

  #receive(reply: CompanionReply): void {
    const pending = this.#pending.get(reply.id);
    this.#pending.delete(reply.id);
    if ('error' in reply) pending?.reject(new Error(reply.error));
    else pending?.resolve(reply.value);
  }
}
