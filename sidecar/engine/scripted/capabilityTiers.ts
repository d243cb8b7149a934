import { type Capabilities, localCapabilities } from '../capabilities.ts';

/**
 * What kinds of engines can do, for the scripted one to play them: a model of this machine, llama-server, a server of
 * completions such as vLLM, and one that answers conversations and nothing else.
 */
export const capabilityTiers = {
  local: { ...localCapabilities, hiddenState: 8, infill: 'tokens', thinking: null },
  llamaServer: {
    ...localCapabilities,
    entropy: 'bounded',
    hiddenState: null,
    fork: 'replayed',
    infill: 'tokens',
    thinking: null,
  },
  completions: {
    tokens: 'text',
    continues: true,
    entropy: 'bounded',
    alternatives: 5,
    constraint: 'choice',
    hiddenState: null,
    fork: 'replayed',
    seed: true,
    infill: 'none',
    thinking: null,
  },
  chatOnly: {
    tokens: 'text',
    continues: false,
    entropy: 'bounded',
    alternatives: 0,
    constraint: 'none',
    hiddenState: null,
    fork: 'replayed',
    seed: false,
    infill: 'none',
    thinking: null,
  },
} as const satisfies Readonly<Record<string, Capabilities>>;
