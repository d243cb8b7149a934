import { describe, expect, it } from 'vitest';
import { menuEntries, type MenuState } from '../../../../extension/statusBar/menuEntries.ts';

const idle: MenuState = {
  summary: 'tiny',
  models: [{ role: 'Questions and completions', text: 'tiny, ready on CPU (zen4)' }],
  isAsking: false,
  isEngineStopped: false,
  isEnabled: true,
  isSnoozed: false,
  language: { id: 'python', isEnabled: true },
};

function labels(state: MenuState): readonly string[] {
  return menuEntries(state).map((entry) => entry.label);
}

describe('menuEntries', () => {
  it('puts a restart first when the engine is stopped, and last otherwise', () => {
    expect(labels({ ...idle, isEngineStopped: true })[0]).toBe('Restart Engine');
    expect(labels(idle).at(-1)).toBe('Restart Engine');
    expect(labels(idle).filter((label) => label === 'Restart Engine')).toHaveLength(1);
  });

  it('offers to steer only while something runs', () => {
    expect(labels(idle)).not.toContain('Stop');
    expect(labels({ ...idle, isAsking: true }).slice(0, 3)).toEqual(['Answer Now', 'Think More', 'Stop']);
  });

  it('names what a switch would do', () => {
    expect(labels(idle)).toContain('Switch Completions Off for python');
    const off = { ...idle, isEnabled: false, language: { id: 'python', isEnabled: false } };
    expect(labels(off)).toEqual(
      expect.arrayContaining(['Switch Completions On', 'Switch Completions On for python']),
    );
    expect(labels({ ...idle, language: null }).some((label) => label.includes('for'))).toBe(false);
  });

  it('lists each model, and each leads to the choice of one', () => {
    const models = [
      { role: 'Questions', text: 'large, ready on CPU (zen4), 17 tok/s' },
      { role: 'Completions', text: 'small, loading' },
    ];
    const listed = menuEntries({ ...idle, models }).filter(
      ({ command }) => command === 'entropane.chooseModel',
    );
    expect(listed.map(({ label }) => label)).toEqual([
      'Choose Model…',
      'Questions: large, ready on CPU (zen4), 17 tok/s',
      'Completions: small, loading',
    ]);
  });
});
