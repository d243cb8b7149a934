import { describe, expect, it } from 'vitest';
import {
  crashBudget,
  decideRestart,
  safeContextTokens,
  settingsForProfile,
} from '../../../../extension/engine/restartPolicy.ts';
import type { SidecarSettings } from '../../../../protocol/messages.ts';

const settings: SidecarSettings = {
  model: 'some-model',
  storePath: '',
  contextTokens: 0,
  threads: 0,
  route: [],
  strategy: 'auto',
  difficulty: 'measured',
  strategyMemory: false,
  selector: 'majority',
  verifyCommand: '',
  verifySeconds: 60,
  candidates: 4,
  stepChildren: 2,
  maxSteps: 10,
  maxThoughtTokens: 512,
  budgetTokens: 0,
  budgetSeconds: 0,
  tokensPerDay: 0,
  consensus: 'certain',
  trialConfidence: 0,
  skipPreamble: 'auto',
  steadyAnswers: false,
  confidencePruning: 'off',
  completionMaxTokens: 96,
  multiline: 'auto',
  speculation: 'on',
  draftModel: 'small',
  adapter: '',
  adapterScale: 1,
  cacheType: 'auto',
  memoryBytesLimit: 0,
  idleMinutes: 10,
  completionModel: 'smaller',
  fastModel: 'pruned.gguf',
  completionOtherFiles: false,
  traceFileLimit: 200,
  completionTraceFileLimit: 200,
  traceBytesLimit: 1e6,
  prefixBytesLimit: 1e6,
  prefixDiskBytesLimit: 0,
  think: 'auto',
  thinkingForm: 'auto',
};

describe('decideRestart', () => {
  it('waits longer after every crash in a row', () => {
    const delays = [[0], [0, 1_000], [0, 1_000, 3_000]].map((crashes) => {
      const decision = decideRestart(crashes, crashes.at(-1) ?? 0);
      return decision.type === 'restart' ? decision.delayMs : null;
    });
    expect(delays).toEqual([250, 1_000, 4_000]);
  });

  it('gives up when the budget is spent within the window', () => {
    const crashes = Array.from({ length: crashBudget.crashes }, (_, index) => index * 1_000);
    expect(decideRestart(crashes, 5_000)).toEqual({ type: 'giveUp', crashCount: crashBudget.crashes });
  });

  it('forgets crashes that are older than the window', () => {
    const old = Array.from({ length: crashBudget.crashes }, (_, index) => index);
    const now = crashBudget.windowMs + crashBudget.crashes;
    expect(decideRestart([...old, now], now)).toEqual({ type: 'restart', delayMs: 250, profile: 'safe' });
  });
});

describe('settingsForProfile', () => {
  it('leaves a normal launch as the user set it', () => {
    expect(settingsForProfile(settings, 'normal')).toBe(settings);
  });

  it('keeps the model for completions in the safe profile where a server answers questions', () => {
    const model = 'http://gpu-box:8080#coder';
    expect(settingsForProfile({ ...settings, model }, 'safe')).toMatchObject({
      model,
      completionModel: 'smaller',
    });
  });

  it('caps the context, drafts nothing and has one model in the safe profile', () => {
    const safe = settingsForProfile(settings, 'safe');
    const plain = { speculation: 'off', draftModel: '', completionModel: '', fastModel: '' } as const;
    expect(safe).toEqual({ ...settings, ...plain, contextTokens: safeContextTokens });
  });

  it('keeps a context that is smaller than the cap', () => {
    expect(settingsForProfile({ ...settings, contextTokens: 512 }, 'safe').contextTokens).toBe(512);
    expect(settingsForProfile({ ...settings, contextTokens: 16_384 }, 'safe').contextTokens).toBe(
      safeContextTokens,
    );
  });
});
