import { useEffect, useRef, useState } from 'preact/hooks';
import { formatDuration } from '../charts/numberFormat.ts';
import { Icon } from '../components/Icon.tsx';
import { eventCountAt } from './playback.ts';
import type { ReplayHost } from './replayHost.ts';

/** Moves through a recorded trace in its own time: a slider, and playing at the speed it was made. */
export function ReplayBar({ host }: { readonly host: ReplayHost }) {
  const endMs = host.events.at(-1)?.timeMs ?? 0;
  const [timeMs, setTimeMs] = useState(endMs);
  const [isPlaying, setIsPlaying] = useState(false);
  const time = useRef(timeMs);

  const moveTo = (target: number): void => {
    time.current = target;
    setTimeMs(target);
    // The last instant shows all events, also those that share it.
    host.show(target >= endMs ? host.events.length : eventCountAt(host.events, target));
  };
  useEffect(() => {
    if (!isPlaying) return undefined;
    let lastFrame: number | null = null;
    let frame = requestAnimationFrame(function step(now) {
      const target = Math.min(endMs, time.current + (lastFrame === null ? 0 : now - lastFrame));
      lastFrame = now;
      moveTo(target);
      if (target >= endMs) setIsPlaying(false);
      else frame = requestAnimationFrame(step);
    });
    return () => {
      cancelAnimationFrame(frame);
    };
  }, [isPlaying, host]);

  return (
    <div class="replay" role="group" aria-label="Replay">
      <button
        type="button"
        class="button button-secondary"
        onClick={() => {
          if (!isPlaying && timeMs >= endMs) moveTo(0);
          setIsPlaying(!isPlaying);
        }}
      >
        <Icon name={isPlaying ? 'pause' : 'play'} />
        {isPlaying ? 'Pause' : 'Play'}
      </button>
      <input
        type="range"
        min={0}
        max={endMs}
        step={1}
        value={timeMs}
        aria-label="Time in the trace"
        aria-valuetext={formatDuration(timeMs)}
        onInput={(event) => {
          setIsPlaying(false);
          moveTo(event.currentTarget.valueAsNumber);
        }}
      />
      <span class="number">
        {formatDuration(timeMs)} <span class="muted">of {formatDuration(endMs)}</span>
      </span>
    </div>
  );
}
