import { assertNever } from './assertNever.ts';
import { type Health, type ModelHealth, standInText } from './health.ts';

/**
 * A model and how it is, such as `tiny, ready on CPU (zen4), 17 tok/s`. Without the speed of a request it has the one that was
 * measured at rest. Pure.
 */
export function modelHealthText(health: ModelHealth, tokensPerSecond: number | null): string {
  const measured = health.state === 'ready' ? (health.pace?.decodeTokensPerSecond ?? null) : null;
  const shown = tokensPerSecond ?? measured;
  const speed = shown === null ? '' : `, ${Math.round(shown)} tok/s`;
  return `${stateText(health)}${speed}`;
}

/** The same of the model for questions, or of what answers them in its place. Pure. */
export function questionsText(health: Health, tokensPerSecond: number | null): string {
  return health.standIn === undefined
    ? modelHealthText(health, tokensPerSecond)
    : standInText(health.standIn);
}

function stateText(health: ModelHealth): string {
  switch (health.state) {
    case 'starting':
      return 'waiting to be loaded';
    case 'loading':
      return `${health.modelName}, loading`;
    case 'ready':
      return `${health.modelName}, ready on ${health.backend}`;
    case 'unloaded':
      return `${health.modelName}, ${unloadedText[health.cause]}`;
    case 'noModel':
      return `no model: ${health.error.message}`;
    case 'failed':
      return `failed: ${health.error.message}`;
    default:
      return assertNever(health);
  }
}

const unloadedText = {
  unused: 'unloaded as nobody used it; the next request loads it again',
  memory: 'unloaded as memory was short; the next request loads it again',
} as const;
