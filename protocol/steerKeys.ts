import type { SteerParams } from './messages.ts';

/** The key that steers a running request, in terminal and panel alike: one lower-case letter each. */
export const steerKeys: Readonly<Record<SteerParams['action'], string>> = {
  answerNow: 'a',
  thinkMore: 't',
  stop: 's',
};
