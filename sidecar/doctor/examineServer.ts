import { toCodedError } from '../../protocol/codedError.ts';
import type { Finding } from '../../protocol/messages.ts';
import type { ThinkingFormat } from '../../protocol/thinking.ts';
import type { Capabilities, Constraint } from '../engine/capabilities.ts';
import { isLoopback, isOpenToOthers } from '../../protocol/serverAddress.ts';
import { ServerConnection } from '../engine/remote/serverConnection.ts';
import { describeServer, type ServerDescription } from '../engine/remote/serverDescription.ts';
import { probeServer, type ServerProbe, serverCapabilities } from '../engine/remote/serverProbe.ts';
import type { ServerKey } from '../engine/serverKey.ts';
import type { Clock } from '../process/clock.ts';

/** The server to examine. */
export interface ExaminedServer {
  readonly address: string;
  readonly modelName: string | null;
  readonly key: ServerKey | null;
}

/** What a server can do, as it answers now: it is asked for one token. One finding a subject; none has the key in it. */
export async function examineServer(
  server: ExaminedServer,
  clock: Pick<Clock, 'now'>,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const connection = new ServerConnection(server);
  try {
    const description = await describeServer(
      connection,
      { modelName: server.modelName, protocol: 'auto' },
      signal,
    );
    const startMs = clock.now();
    const probe = await probeServer(connection, description, signal);
    const answerMs = clock.now() - startMs;
    return judgeServer(server, { description, probe, answerMs });
  } catch (thrown) {
    const { message, remedy } = toCodedError(thrown);
    return [...judgeConnection(server), { subject: 'Server', status: 'missing', detail: message, remedy }];
  }
}

function judgeServer(
  server: ExaminedServer,
  found: {
    readonly description: ServerDescription;
    readonly probe: ServerProbe;
    readonly answerMs: number;
  },
): readonly Finding[] {
  const { description, probe, answerMs } = found;
  const { software, shownName, contextTokens, slotCount, hasChatTemplate } = description;
  const context = contextTokens === null ? 'context not said' : `${contextTokens} tokens of context`;
  const slots = slotCount === null ? '' : `, ${slotCount} requests at once`;
  return [
    ok('Server', `${server.address}, ${software}; a first answer took ${Math.round(answerMs)} ms`),
    ...judgeConnection(server),
    hasChatTemplate
      ? ok('Model', `${shownName}, ${context}${slots}`)
      : degraded(
          'Model',
          `${shownName}, ${context}${slots}; it has no chat template`,
          'Ask a model that was trained for chat.',
        ),
    ...judgeCapabilities(serverCapabilities(description, probe)),
  ];
}

function judgeCapabilities(capabilities: Capabilities): readonly Finding[] {
  const { tokens, continues, constraint, alternatives, thinking } = capabilities;
  return [
    continues
      ? ok('Prompts', `${tokens === 'ids' ? 'token ids' : 'texts'}; any text can be continued`)
      : degraded(
          'Prompts',
          'whole conversations alone, so only strategies without steps run',
          'Use llama-server or vLLM to run the others.',
        ),
    alternatives > 0
      ? ok('Probabilities', `${alternatives} alternatives a token; entropy is known between two bounds`)
      : degraded(
          'Probabilities',
          'none, so entropy is not known and nothing is decided by it',
          'Use a server that gives log-probabilities.',
        ),
    judgeConstraint(constraint),
    judgeThinking(thinking, continues),
  ];
}

function judgeThinking(thinking: ThinkingFormat | null, continues: boolean): Finding {
  const subject = 'Thoughts';
  if (thinking === null)
    return ok(
      subject,
      continues ? 'none of its own; strategies ask for them in words' : 'none that are sent apart',
    );
  if (!continues)
    return degraded(
      subject,
      'its own, sent apart, which nothing can be put into',
      'Use llama-server or vLLM to have them budgeted.',
    );
  const { open, close, efforts } = thinking;
  const levels = efforts === null ? '' : `, with the levels ${efforts.levels.join(', ')}`;
  return ok(subject, `its own, between ${open.trim()} and ${close.trim()}${levels}`);
}

function judgeConstraint(constraint: Constraint): Finding {
  const subject = 'Constraints';
  switch (constraint) {
    case 'grammar':
      return ok(subject, 'grammars');
    case 'choice':
      return ok(subject, 'a choice among texts; how a text begins cannot be set');
    case 'none':
      return degraded(subject, 'none, so verdicts may be unreadable', 'Use llama-server or vLLM for them.');
  }
}

/** Who else can see what is sent. */
function judgeConnection({ address, key }: ExaminedServer): readonly Finding[] {
  const subject = 'Connection';
  if (isLoopback(address)) return [ok(subject, 'this machine; nothing leaves it')];
  const sent = key === null ? 'Prompts' : 'Prompts and the key';
  if (isOpenToOthers(address))
    return [degraded(subject, `${sent} leave this machine, not encrypted`, 'Use an https:// address.')];
  return [ok(subject, `${sent} leave this machine, encrypted`)];
}

function ok(subject: string, detail: string): Finding {
  return { subject, status: 'ok', detail, remedy: null };
}

function degraded(subject: string, detail: string, remedy: string): Finding {
  return { subject, status: 'degraded', detail, remedy };
}
