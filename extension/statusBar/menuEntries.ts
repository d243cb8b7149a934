import type { CommandId } from '../config/commandIds.ts';
import type { ModelRow } from './modelRows.ts';

export interface MenuState {
  /** The status in one line, shown above the entries. */
  readonly summary: string;
  /** Each opens the choice of a model. */
  readonly models: readonly ModelRow[];
  readonly isAsking: boolean;
  readonly isEngineStopped: boolean;
  readonly isEnabled: boolean;
  readonly isSnoozed: boolean;
  /** Language of the active editor and whether ghost text is on for it; null without an editor. */
  readonly language: { readonly id: string; readonly isEnabled: boolean } | null;
}

export interface MenuEntry {
  readonly icon: string;
  readonly label: string;
  readonly command: CommandId;
}

/** The menu of the status bar item, urgent entries first. Pure. */
export function menuEntries(state: MenuState): readonly MenuEntry[] {
  const { language } = state;
  return [
    ...(state.isEngineStopped ? [restart] : []),
    ...(state.isAsking ? steering : []),
    entry('comment-discussion', 'Ask…', 'entropane.ask'),
    entry('graph-line', 'Open Trace Panel', 'entropane.openTracePanel'),
    entry('sparkle', 'Complete at the Cursor', 'entropane.triggerCompletion'),
    state.isEnabled
      ? entry('circle-slash', 'Switch Completions Off', 'entropane.toggleCompletions')
      : entry('check', 'Switch Completions On', 'entropane.toggleCompletions'),
    ...(language === null
      ? []
      : [
          entry(
            'code',
            `Switch Completions ${language.isEnabled ? 'Off' : 'On'} for ${language.id}`,
            'entropane.toggleCompletionsForLanguage',
          ),
        ]),
    entry('bell-slash', state.isSnoozed ? 'Change or End Snooze…' : 'Snooze…', 'entropane.snoozeCompletions'),
    entry('dashboard', 'Set Difficulty…', 'entropane.setDifficulty'),
    entry('pulse', 'Tokens Spent', 'entropane.showSpending'),
    entry('package', 'Choose Model…', 'entropane.chooseModel'),
    ...state.models.map(({ role, text }) => entry('blank', `${role}: ${text}`, 'entropane.chooseModel')),
    entry('output', 'Show Log', 'entropane.showLog'),
    ...(state.isEngineStopped ? [] : [restart]),
  ];
}

const restart: MenuEntry = entry('refresh', 'Restart Engine', 'entropane.restartEngine');

const steering: readonly MenuEntry[] = [
  entry('pass', 'Answer Now', 'entropane.answerNow'),
  entry('lightbulb', 'Think More', 'entropane.thinkMore'),
  entry('debug-stop', 'Stop', 'entropane.stop'),
];

function entry(icon: string, label: string, command: CommandId): MenuEntry {
  return { icon, label, command };
}
