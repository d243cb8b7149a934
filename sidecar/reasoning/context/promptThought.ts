import type { ThinkingFormat } from '../../../protocol/thinking.ts';
import { type Capabilities, ownThinking } from '../../engine/capabilities.ts';
import type { ThoughtRequest } from '../../prompts/thoughtRequest.ts';

/** What the prompt asked of a model's own way to think. */
export interface PromptThought {
  readonly request: ThoughtRequest;
  /** Markers of the thought that the prompt has opened; null where the text after it is not a thought in the model's own form. */
  readonly markers: ThinkingFormat | null;
  /** Markers of a thought that may be before the answer in one text, where the engine writes both as one; null elsewhere. */
  readonly inText: ThinkingFormat | null;
}

/** Where an engine puts the thought that was asked of its model. Pure. */
export function promptThoughtOf(
  request: ThoughtRequest,
  capabilities: Pick<Capabilities, 'thinking' | 'continues'>,
): PromptThought {
  const own = ownThinking(capabilities);
  return {
    request,
    markers: request.thinks ? own : null,
    inText: own === null ? capabilities.thinking : null,
  };
}
