import { describe, expect, it } from 'vitest';
import {
  statusBarView,
  tooltipCommands,
  type StatusInput,
} from '../../../../extension/statusBar/statusBarView.ts';
import { noSpeeds } from '../../../../extension/statusBar/modelRows.ts';
import type { Health } from '../../../../protocol/health.ts';

const ready: Health = {
  state: 'ready',
  modelName: 'tiny_model',
  backend: 'CPU (zen4)',
  contextTokens: 4096,
  notes: ['No probe file: difficulty is read from entropy.'],
};

function input(changes: Partial<StatusInput>): StatusInput {
  return {
    engine: { type: 'running', profile: 'normal', health: ready, restartNote: null },
    completions: { type: 'automatic' },
    isAsking: false,
    last: null,
    speeds: noSpeeds,
    ...changes,
  };
}

function running(health: Health): StatusInput {
  return input({ engine: { type: 'running', profile: 'normal', health, restartNote: null } });
}

const missing = { code: 'model.missing', message: 'There is no model.', remedy: 'Fetch one.' } as const;
const broken = { code: 'library.missing', message: 'No llama.cpp.', remedy: 'Install it.' } as const;

describe('statusBarView', () => {
  it.each([
    [
      'launching',
      input({ engine: { type: 'launching', profile: 'normal', restartNote: null } }),
      '$(loading~spin) Entropane',
      'plain',
    ],
    ['loading', running({ state: 'loading', modelName: 'tiny' }), '$(loading~spin) tiny', 'plain'],
    ['no model', running({ state: 'noModel', error: missing }), '$(cloud-download) No model', 'warning'],
    ['failed', running({ state: 'failed', error: broken }), '$(error) Entropane failed', 'error'],
    [
      'waiting',
      input({ engine: { type: 'waiting', delayMs: 250, exit: 'was ended by SIGKILL' } }),
      '$(loading~spin) Entropane restarting',
      'warning',
    ],
    [
      'stopped',
      input({ engine: { type: 'stopped', why: 'Four crashes.' } }),
      '$(debug-stop) Entropane stopped',
      'error',
    ],
    ['ready', input({}), '$(pulse) tiny_model', 'plain'],
    ['off', input({ completions: { type: 'off' } }), '$(circle-slash) tiny_model', 'plain'],
    [
      'snoozed',
      input({ completions: { type: 'snoozed', untilClock: '10:05' } }),
      '$(bell-slash) tiny_model',
      'plain',
    ],
    ['asking', input({ isAsking: true }), '$(loading~spin) tiny_model', 'plain'],
  ] as const)('%s', (_what, state, text, tone) => {
    expect(statusBarView(state)).toMatchObject({ text, tone });
  });

  it('says which model answers while a server is away, and what is wrong with that', () => {
    const away = {
      code: 'server.unreachable',
      message: 'Nothing answers there.',
      remedy: 'Start it.',
    } as const;
    const standIn = { modelName: 'tiny', host: 'gpu-box:8080', why: 'Nothing answers there.' };
    for (const health of [{ ...ready, standIn }, { state: 'failed', error: away, standIn } as const]) {
      const { text, tone, tooltip } = statusBarView(running(health));
      expect([text, tone]).toEqual(['$(pulse) tiny (gpu-box:8080 away)', 'warning']);
      expect(tooltip).toContain('questions are answered by tiny on this machine until it is back');
      expect(tooltip).toContain('Nothing answers there');
    }
  });

  it('offers to add a server that is not one of those that were', () => {
    const error = { code: 'server.unknown', message: 'It was not added.', remedy: 'Add it.' } as const;
    expect(statusBarView(running({ state: 'failed', error })).tooltip).toContain(
      '[Add Server](command:entropane.addServer)',
    );
  });

  it('shows speed and cost of the last request', () => {
    const last = { type: 'cost', tokens: 1234, tokensPerSecond: 41.7, writtenBy: null } as const;
    const view = statusBarView(input({ last }));
    expect(view.text).toBe('$(pulse) tiny_model · 42 tok/s · 1,234 tok');
    expect(view.tooltip).toContain('generated 1,234 tokens at 41.7 tokens a second');
    expect(view.spoken).toBe('tiny_model, 42 tok/s, 1,234 tok');
  });

  it('says why nothing was shown', () => {
    const view = statusBarView(input({ last: { type: 'quiet', reason: 'insideWord' } }));
    expect(view.text).toBe('$(pulse) tiny_model · nothing: the word that the cursor is in seems whole');
    expect(view.tooltip).toContain('Nothing was shown: the word that the cursor is in seems whole.');
  });

  it('tells what works with less than all parts', () => {
    const view = statusBarView(
      input({ engine: { type: 'running', profile: 'safe', health: ready, restartNote: null } }),
    );
    expect(view.tooltip).toContain('No probe file: difficulty is read from entropy.');
    expect(view.tooltip).toContain('smaller context');
  });

  it('offers the command that mends it, and only commands that the tooltip may run', () => {
    const states = [
      running({ state: 'noModel', error: missing }),
      running({ state: 'failed', error: broken }),
    ];
    const tooltips = [
      ...states,
      input({ isAsking: true }),
      input({ engine: { type: 'stopped', why: 'x' } }),
    ].map((state) => statusBarView(state).tooltip);
    expect(tooltips[0]).toContain('command:entropane.fetchModel');
    expect(tooltips[1]?.match(/command:entropane\.showLog/g)).toHaveLength(1);
    expect(tooltips[2]).toContain('command:entropane.stop');
    expect(tooltips[3]).toContain('command:entropane.restartEngine');
    const linked = tooltips.flatMap((tooltip) =>
      [...tooltip.matchAll(/command:(entropane\.\w+)/g)].map(([, id]) => id),
    );
    for (const id of linked) expect(tooltipCommands).toContain(id);
  });

  it('lists two models with role, state and speed, and says which one is unloaded', () => {
    const completions = { ...ready, modelName: 'small' };
    const state = { state: 'unloaded', modelName: 'large', cause: 'unused', completions } as const;
    const view = statusBarView({ ...running(state), speeds: { questions: 17.2, completions: 51.6 } });
    expect(view.text).toBe('$(pulse) large');
    expect(view.tooltip).toContain('**Questions**: large, unloaded as nobody used it');
    expect(view.tooltip).toContain('17 tok/s');
    expect(view.tooltip).toMatch(/\*\*Completions\*\*: small, ready on CPU .*, 52 tok\/s/u);
  });

  it('draws a model name as text, whatever is in it', () => {
    const odd = { ...ready, modelName: '[x](command:evil) $(bug)' };
    expect(statusBarView(running(odd)).tooltip).not.toContain('[x](command:evil)');
    expect(statusBarView(running(odd)).tooltip).not.toContain('$(bug)');
  });

  it('has what there is to know of the model for completions beside its row', () => {
    const completions = { ...ready, modelName: 'small', notes: ['small will be in memory more than once.'] };
    expect(statusBarView(running({ ...ready, completions })).tooltip).toContain(
      '\n  - small will be in memory more than once.',
    );
  });
});
