import type { FrameScheduler } from './panelStore.ts';

/** Before the browser's next paint. A hidden page gets its frame when it is shown again. */
export const animationFrames: FrameScheduler = (callback) => {
  const frame = requestAnimationFrame(callback);
  return () => {
    cancelAnimationFrame(frame);
  };
};
