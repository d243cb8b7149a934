import { assertNever } from '../../protocol/assertNever.ts';
import type { SearchEvent } from '../../protocol/traceEvent.ts';
import { onAbort } from '../process/onAbort.ts';
import type { BudgetMeter } from './budgetMeter.ts';
import type { ReportingWork, RunScope } from './eventChannel.ts';
import type { Steering } from './steering.ts';

/** What a piece of work does about what happens meanwhile. Requests return whether they could be met. */
export interface Interruptions {
  stop(): true;
  answerNow(): boolean;
  thinkMore(): boolean;
  /** Called repeatedly until the work has ended. */
  timeIsShort(): boolean;
  outOfTime(): true;
}

interface SteeredWork {
  readonly steering: Steering;
  readonly meter: BudgetMeter;
  readonly interruptions: Interruptions;
}

/** Passes work through, hears steering and keeps an eye on the time for as long as it lasts. */
export async function withSteering<R>(
  work: ReportingWork<SearchEvent, R>,
  { steering, meter, interruptions }: SteeredWork,
  { events, signal }: RunScope,
): Promise<R> {
  const unlisten = steering.listen((action) => {
    switch (action) {
      case 'stop':
        return interruptions.stop();
      case 'answerNow':
        return interruptions.answerNow();
      case 'thinkMore':
        return interruptions.thinkMore();
      default:
        return assertNever(action);
    }
  });
  const ignoreTime = onAbort(meter.outOfTime, () => interruptions.outOfTime());
  try {
    if (meter.outOfTime.aborted) interruptions.outOfTime();
    if (steering.stopSignal.aborted) interruptions.stop();
    const push = async (event: SearchEvent): Promise<void> => {
      await events.push(event);
      if (meter.exhausted() === 'durationMs') interruptions.outOfTime();
      else if (meter.isTimeShort) interruptions.timeIsShort();
    };
    return await work({ events: { push }, signal });
  } finally {
    ignoreTime();
    unlisten();
  }
}
