import { describe, expect, it } from 'vitest';
import { shortAnswer } from '../../../../webview-ui/state/shortAnswer.ts';

describe('shortAnswer', () => {
  it('leaves a short answer whole', () => {
    expect(shortAnswer('18')).toEqual({ line: '18', moreLines: 0, isWhole: true, tooltip: '18' });
  });

  it('stands for a program by its first line, and says how many follow', () => {
    const program = '\ndef add(a, b):\n    """Sum."""\n    return a + b\n';
    expect(shortAnswer(program)).toEqual({
      line: 'def add(a, b):',
      moreLines: 2,
      isWhole: false,
      tooltip: program.trim(),
    });
  });

  it('cuts a long line, and a long tooltip', () => {
    const { line, moreLines, isWhole, tooltip } = shortAnswer('word '.repeat(1000));
    expect({ moreLines, isWhole }).toEqual({ moreLines: 0, isWhole: false });
    expect(line).toMatch(/^word.*word…$/u);
    expect(line.length).toBeLessThanOrEqual(80);
    expect(tooltip.length).toBeLessThanOrEqual(600);
  });
});
