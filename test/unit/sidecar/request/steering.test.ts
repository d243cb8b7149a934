import { describe, expect, test } from 'vitest';
import { Steering } from '../../../../sidecar/request/steering.ts';

describe('Steering', () => {
  test('accepts what any listener could act on', () => {
    const steering = new Steering();
    steering.listen(() => false);
    expect(steering.steer('answerNow')).toBe(false);
    steering.listen((action) => action === 'answerNow');
    expect(steering.steer('answerNow')).toBe(true);
    expect(steering.steer('thinkMore')).toBe(false);
  });

  test('tells every listener, and none that was taken away', () => {
    const steering = new Steering();
    const heard: string[] = [];
    const unlisten = steering.listen((action) => heard.push(`first ${action}`) > 0);
    steering.listen((action) => heard.push(`second ${action}`) > 0);
    steering.steer('thinkMore');
    unlisten();
    steering.steer('thinkMore');
    expect(heard).toEqual(['first thinkMore', 'second thinkMore', 'second thinkMore']);
  });

  test('a stop needs no listener and aborts', () => {
    const steering = new Steering();
    expect(steering.steer('stop')).toBe(true);
    expect(steering.stopSignal.aborted).toBe(true);
  });

  test('refuses everything once the request has ended', () => {
    const steering = new Steering();
    steering.listen(() => true);
    steering.close();
    for (const action of ['answerNow', 'thinkMore', 'stop'] as const)
      expect(steering.steer(action)).toBe(false);
    expect(steering.stopSignal.aborted).toBe(false);
  });
});
