import { CodedError, type ErrorCode } from '../../../protocol/codedError.ts';
import { isRecord } from '../../../protocol/isRecord.ts';

/** What a failure is about: the server's address, and whether a key was sent. */
export interface AskedServer {
  readonly address: string;
  readonly hasKey: boolean;
}

/** Codes of Node for a certificate that is not trusted. */
const certificateCodes = new Set([
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_UNTRUSTED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** Codes for a connection that was there and went. */
const closedCodes = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing answers there',
  EAI_AGAIN: 'its name cannot be looked up now',
  ENOTFOUND: 'its name is not known',
  ENETUNREACH: 'there is no way to its network',
  EHOSTUNREACH: 'there is no way to its machine',
  ETIMEDOUT: 'it does not take the connection',
  UND_ERR_CONNECT_TIMEOUT: 'it does not take the connection',
};

const awayCodes: ReadonlySet<ErrorCode> = new Set([
  'server.busy',
  'server.closedEarly',
  'server.failed',
  'server.slow',
  'server.unreachable',
]);

/** Whether a failure is that of a server at this moment, so that another may be asked, and this one again later. Pure. */
export function isServerAway(code: ErrorCode): boolean {
  return awayCodes.has(code);
}

/** Whether the connection ended while it was in use: on a fresh request it may just have been kept open too long. Pure. */
export function isClosedConnection(thrown: unknown): boolean {
  return closedCodes.has(codeOf(thrown));
}

/** The error for what `fetch` threw, other than for an abort of our own. */
export function networkFailure(thrown: unknown, { address }: AskedServer): CodedError {
  const code = codeOf(thrown);
  if (certificateCodes.has(code)) {
    return new CodedError(
      'server.untrusted',
      `The certificate of ${address} is not trusted (${code}). Nothing was sent.`,
      'Name the certificate of its authority in NODE_EXTRA_CA_CERTS, or use an address that it is valid for.',
      { cause: thrown },
    );
  }
  if (closedCodes.has(code)) return closedEarly(address, thrown);
  const reason = reasons[code] ?? (code === '' ? 'the request failed' : code);
  return new CodedError(
    'server.unreachable',
    `${address} cannot be reached: ${reason}.`,
    'Start the server, or check its address.',
    { cause: thrown },
  );
}

/** The connection ended before the answer did. What was written until then is not the whole. */
export function closedEarly(address: string, cause?: unknown): CodedError {
  return new CodedError(
    'server.closedEarly',
    `${address} closed the connection before the answer was whole.`,
    'Ask again, and look into the log of the server if it happens again.',
    { cause },
  );
}

/** The server sent nothing for this long. */
export function tooSlow(address: string, idleMs: number): CodedError {
  return new CodedError(
    'server.slow',
    `${address} sent nothing for ${Math.round(idleMs / 100) / 10} s.`,
    'Ask again when it has less to do, or use another server.',
  );
}

/** The server answered with something that is not what it should be. `what` goes on after the address. */
export function unreadable(address: string, what: string, cause?: unknown): CodedError {
  return new CodedError(
    'server.unreadable',
    `${address} ${what}.`,
    'Check that the address is that of the server itself, without a page or a proxy before it.',
    { cause },
  );
}

/** The server lacks what was asked of it. */
export function unsupportedByServer(address: string, what: string): CodedError {
  return new CodedError(
    'server.unsupported',
    `${address} ${what}.`,
    'Use another server, or a newer release of it.',
  );
}

/** The server runs another model than the one that was asked. */
export function otherModel(
  address: string,
  names: { readonly wanted: string; readonly found: string },
): CodedError {
  return new CodedError(
    'server.otherModel',
    `${address} runs ${names.found} and not ${names.wanted}, so what it writes belongs to another model.`,
    'Choose the server again, or start it with that model.',
  );
}

/** The error for an answer with a status of failure. `body` is what came with it. */
export function statusFailure(
  server: AskedServer,
  answer: { readonly status: number; readonly retryAfter: string | null; readonly body: string },
): CodedError {
  const { address, hasKey } = server;
  const { status } = answer;
  if (status === 401 || status === 403) {
    // Some servers repeat the key in their answer, so nothing of it is shown.
    return hasKey
      ? new CodedError(
          'server.refused',
          `${address} does not accept the key (${status}).`,
          'Give the right key.',
        )
      : new CodedError(
          'server.refused',
          `${address} asks for a key (${status}).`,
          'Give its key, from a file.',
        );
  }
  const said = saidBy(answer.body);
  const words = said === '' ? '' : `: ${said}`;
  if (status === 429 || status === 503) {
    const wait = waitOf(answer.retryAfter);
    return new CodedError(
      'server.busy',
      `${address} takes no request now (${status})${words}.${wait === '' ? '' : ` It asks to wait ${wait}.`}`,
      'Ask again later.',
    );
  }
  if (status >= 300 && status < 400)
    return unreadable(address, `sends requests on to another address (${status}), which is not followed`);
  if (status === 404 || status === 405 || status === 501)
    return unsupportedByServer(address, `does not know what was asked of it (${status})${words}`);
  if (typeIn(parsed(answer.body)) === 'exceed_context_size_error') {
    return new CodedError(
      'context.exceeded',
      `The context of ${address} is too small${words}.`,
      'Shorten the question or attach less code.',
    );
  }
  if (status < 500) {
    return new CodedError(
      'server.rejected',
      `${address} does not accept what was asked of it (${status})${words}.`,
      'Use a newer release of the server.',
    );
  }
  return new CodedError(
    'server.failed',
    `${address} failed with status ${status}${words}.`,
    'Look into the log of the server.',
  );
}

/** What a body of failure says, as one short line for people; empty where it says nothing. Pure. */
function saidBy(body: string): string {
  return oneLine(messageIn(parsed(body)) ?? '');
}

/** `error.message` of a value, as llama-server, vLLM and OpenAI send it, or `error` or `message` as a text. Pure. */
export function messageIn(value: unknown): string | null {
  if (!isRecord(value)) return null;
  const { error, message } = value;
  if (isRecord(error)) return messageIn(error);
  if (typeof error === 'string') return error;
  return typeof message === 'string' ? message : null;
}

/** `error.type` of a value, as llama-server and OpenAI send it. */
function typeIn(value: unknown): unknown {
  return isRecord(value) && isRecord(value.error) ? value.error.type : null;
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

/** Without control characters, which a terminal would act on, and without the full stop that follows anyway. */
export function oneLine(text: string): string {
  const clean = text
    .replace(/\p{Cc}+/gu, ' ')
    .trim()
    .replace(/\.$/, '');
  return clean.length > 200 ? `${clean.slice(0, 200)}…` : clean;
}

/** Seconds or a date, as HTTP has it; empty for anything else. */
function waitOf(retryAfter: string | null): string {
  if (retryAfter === null) return '';
  if (/^\d{1,6}$/.test(retryAfter.trim())) return `${retryAfter.trim()} s`;
  const atMs = Date.parse(retryAfter);
  return Number.isNaN(atMs) ? '' : `until ${new Date(atMs).toISOString()}`;
}

/** The code of an error or of what caused it; empty where there is none. */
function codeOf(thrown: unknown): string {
  for (let error = thrown, depth = 0; error instanceof Error && depth < 5; error = error.cause, depth++) {
    if ('code' in error && typeof error.code === 'string') return error.code;
    // A host with several addresses fails with all of their errors.
    if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  }
  return '';
}
