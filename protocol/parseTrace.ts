import { CodedError } from './codedError.ts';
import { parseTraceEvent } from './parseTraceEvent.ts';
import { traceVersion, type TraceEvent } from './traceEvent.ts';

/** The events in a trace file's text. `path` is for messages. Throws `trace.unreadable`. */
export function parseTrace(text: string, path: string): readonly TraceEvent[] {
  const lines = text.split('\n');
  // What follows the last line end was cut off while it was being written, or is empty.
  lines.pop();
  const events = lines.map((line, index) => parseLine(line, { path, lineNumber: index + 1 }));
  const [first] = events;
  if (first?.type !== 'request/started') throw unreadableTrace(path, 'it does not begin with a request', {});
  const gap = events.findIndex((event, index) => event.seq !== index);
  if (gap >= 0) throw unreadableTrace(path, `events before line ${gap + 1} are missing`, {});
  return events;
}

function parseLine(line: string, place: { readonly path: string; readonly lineNumber: number }): TraceEvent {
  const { path, lineNumber } = place;
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw unreadableTrace(path, `line ${lineNumber} is not JSON`, { cause });
  }
  const version = versionOf(value);
  if (version !== null && version > traceVersion) {
    throw new CodedError(
      'trace.unreadable',
      `The trace ${path} has version ${version}; this release reads up to version ${traceVersion}.`,
      'Update Entropane to open it.',
    );
  }
  const event = parseTraceEvent(value);
  if (event === null) throw unreadableTrace(path, `line ${lineNumber} is not an event of a trace`, {});
  return event;
}

function versionOf(value: unknown): number | null {
  return typeof value === 'object' &&
    value !== null &&
    'version' in value &&
    typeof value.version === 'number'
    ? value.version
    : null;
}

/** A trace that cannot be read, and why, as a clause. */
export function unreadableTrace(
  path: string,
  why: string,
  options: { readonly cause?: unknown },
): CodedError {
  return new CodedError(
    'trace.unreadable',
    `The trace ${path} cannot be read: ${why}.`,
    'Choose another trace, or ask the question again.',
    options,
  );
}
