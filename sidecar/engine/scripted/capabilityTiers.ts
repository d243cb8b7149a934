import { type Capabilities, localCapabilities } from '../capabilities.ts';
import { serverCapabilities } from '../remote/serverProbe.ts';

/**
 * What kinds of engines can do, for the scripted one to play them: a model of this machine, and as a server's is described that
 * is llama-server, one of completions such as vLLM, or answers conversations and nothing else.
 */
export const capabilityTiers = {
  local: { ...localCapabilities, hiddenState: 8, thinking: null },
  llamaServer: serverCapabilities(
    { protocol: 'llamaServer', software: 'llama-server', chatTemplate: null },
    { alternatives: 20, thinks: false },
  ),
  completions: serverCapabilities(
    { protocol: 'completions', software: 'vLLM', chatTemplate: null },
    { alternatives: 5, thinks: false },
  ),
  chatOnly: serverCapabilities(
    { protocol: 'chat', software: 'an OpenAI-compatible server', chatTemplate: null },
    { alternatives: 0, thinks: false },
  ),
} as const satisfies Readonly<Record<string, Capabilities>>;
