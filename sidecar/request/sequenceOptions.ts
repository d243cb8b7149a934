import type { RequestClass, SequenceOptions } from '../engine/engine.ts';

/**
 * How a request's sequences are decoded: who names a seed wants the same text again, all others want it fast. A
 * question goes on when its context is full; a completion is about the text around it, and ends.
 */
export function sequenceOptionsFor(
  priority: SequenceOptions['priority'],
  requestClass: RequestClass,
  seed: number | undefined,
): SequenceOptions {
  const isReproducible = seed !== undefined;
  return {
    priority,
    requestClass,
    isReproducible,
    shiftsContext: priority === 'background' && !isReproducible,
  };
}

/** Words that ask for a text to be given back changed. */
const editWords =
  /\b(add|annotate|change|clean|convert|document|edit|extract|fix|format|improve|inline|optimi[sz]e|port|refactor|remove|rename|replace|rewrite|simplify|sort|translate|type|update)\b/iu;

/**
 * What the answer to a question is like, so that drafts for it are judged by others of its kind: `edit` where code comes
 * with a request to change it. A guess: a wrong one costs some drafts until the sequence shows what it is.
 */
export function questionClass(question: string, hasAttachment: boolean): RequestClass {
  const hasCode = hasAttachment || question.includes('```');
  return hasCode && editWords.test(question) ? 'edit' : 'chat';
}
