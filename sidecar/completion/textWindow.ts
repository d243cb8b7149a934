/** Characters taken around a cursor. UTF-16 code units. */
export interface TextWindow {
  readonly before: string;
  readonly after: string;
}

export interface WindowLimits {
  readonly beforeChars: number;
  readonly afterChars: number;
}

/**
 * The text around `offset` that a prompt can hold. The start moves in steps of half the limit and, where there is
 * a line end near, to the start of a line: while the user types, the window begins at the same character, so the
 * model's prefix cache keeps fitting. Never begins or ends inside a surrogate pair. Cost is the window's, not the
 * document's.
 */
export function takeWindow(text: string, offset: number, limits: WindowLimits): TextWindow {
  const start = windowStart(text, offset, limits.beforeChars);
  const end = windowEnd(text, offset, limits.afterChars);
  return { before: text.slice(start, offset), after: text.slice(offset, end) };
}

function windowStart(text: string, offset: number, limit: number): number {
  if (offset <= limit) return 0;
  const stride = Math.max(1, Math.floor(limit / 2));
  const start = Math.ceil((offset - limit) / stride) * stride;
  const lineEnd = text.slice(start, Math.min(offset, start + Math.floor(stride / 2))).indexOf('\n');
  return lineEnd >= 0 ? start + lineEnd + 1 : outsidePair(text, start);
}

function windowEnd(text: string, offset: number, limit: number): number {
  if (text.length - offset <= limit) return text.length;
  const end = offset + limit;
  const lineEnd = text.slice(offset, end).lastIndexOf('\n');
  // The cursor's own line is kept even when it is the only one.
  return lineEnd > 0 ? offset + lineEnd : outsidePair(text, end);
}

/** `offset`, or the next one when that lies between the halves of a surrogate pair. */
function outsidePair(text: string, offset: number): number {
  return splitsPair(text, offset) ? offset + 1 : offset;
}

/** Whether `offset` lies between the two halves of one character. */
export function splitsPair(text: string, offset: number): boolean {
  return isHighSurrogate(text.charCodeAt(offset - 1)) && isLowSurrogate(text.charCodeAt(offset));
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
