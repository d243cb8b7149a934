import * as vscode from 'vscode';
import type { Health } from '../../protocol/health.ts';
import type { AskRunner } from '../ask/askRunner.ts';
import { currentSettings, onSettingsChanged } from '../config/configuration.ts';
import { isLanguageEnabled } from '../config/editorSettings.ts';
import type { CompletionProvider } from '../inlineCompletion/completionProvider.ts';
import type { Snooze } from '../inlineCompletion/snooze.ts';
import type { SidecarSupervisor } from '../engine/sidecarSupervisor.ts';
import { healthOf } from '../engine/engineState.ts';
import type { MenuState } from './menuEntries.ts';
import { modelRows, noSpeeds, type RoleSpeeds, speedsAfter } from './modelRows.ts';
import { statusBarView, tooltipCommands, type CompletionMode, type LastOutcome } from './statusBarView.ts';

export interface StatusSources {
  readonly supervisor: SidecarSupervisor;
  readonly completions: CompletionProvider;
  readonly asks: AskRunner;
  readonly snooze: Snooze;
}

/** Draws `statusBarView` whenever one of its sources changed. */
export class StatusBar implements vscode.Disposable {
  readonly #sources: StatusSources;
  readonly #item: vscode.StatusBarItem;
  readonly #subscriptions: vscode.Disposable;
  #last: LastOutcome | null = null;
  #speeds: RoleSpeeds = noSpeeds;
  #health: Health;

  constructor(sources: StatusSources) {
    this.#sources = sources;
    this.#health = healthOf(sources.supervisor.state);
    this.#item = vscode.window.createStatusBarItem('entropane.status', vscode.StatusBarAlignment.Right, 100);
    this.#item.name = 'Entropane';
    this.#item.command = 'entropane.showMenu';
    const draw = () => {
      this.#draw();
    };
    this.#subscriptions = vscode.Disposable.from(
      this.#item,
      sources.supervisor.onStateChanged(() => {
        // What was said about an engine that was not there is over when its state changes.
        if (this.#last?.type === 'quiet' && this.#last.reason === 'engineNotReady') this.#last = null;
        const health = healthOf(sources.supervisor.state);
        this.#speeds = speedsAfter(this.#speeds, this.#health, health);
        this.#health = health;
        draw();
      }),
      sources.asks.onRunningChanged(draw),
      sources.snooze.onChanged(draw),
      onSettingsChanged(draw),
      sources.asks.onFinished((cost) => {
        // What another model wrote says nothing of the speed of this one.
        const questions = cost.writtenBy === null ? cost.tokensPerSecond : null;
        this.#speeds = { ...this.#speeds, questions: questions ?? this.#speeds.questions };
        this.#note({ type: 'cost', ...cost });
      }),
      sources.completions.onOutcome((outcome) => {
        if (outcome.type === 'quiet') {
          // "You typed on" does not explain why nothing is shown; the next request will.
          if (outcome.reason !== 'cancelled') this.#note(outcome);
        } else if (outcome.report !== null) {
          const { generatedTokenCount, timing } = outcome.report;
          const tokensPerSecond = timing.decodeTokensPerSecond;
          this.#speeds = { ...this.#speeds, completions: tokensPerSecond ?? this.#speeds.completions };
          this.#note({ type: 'cost', tokens: generatedTokenCount, tokensPerSecond, writtenBy: null });
        }
      }),
    );
    this.#draw();
    this.#item.show();
  }

  /** Entries that the item's menu offers now. */
  menuState(): MenuState {
    const { supervisor, asks, snooze } = this.#sources;
    const languageId = vscode.window.activeTextEditor?.document.languageId;
    const { enabled, languages } = currentSettings().completions;
    return {
      summary: this.#view().spoken,
      models: modelRows(healthOf(supervisor.state), this.#speeds),
      isAsking: asks.isRunning,
      isEngineStopped: supervisor.state.type === 'stopped',
      isEnabled: enabled,
      isSnoozed: snooze.until !== null,
      language:
        languageId === undefined
          ? null
          : { id: languageId, isEnabled: isLanguageEnabled(languages, languageId) },
    };
  }

  dispose(): void {
    this.#subscriptions.dispose();
  }

  #note(last: LastOutcome): void {
    this.#last = last;
    this.#draw();
  }

  #view() {
    const { supervisor, asks } = this.#sources;
    return statusBarView({
      engine: supervisor.state,
      completions: this.#mode(),
      isAsking: asks.isRunning,
      last: this.#last,
      speeds: this.#speeds,
    });
  }

  #mode(): CompletionMode {
    const { enabled, trigger } = currentSettings().completions;
    const { until } = this.#sources.snooze;
    if (!enabled) return { type: 'off' };
    if (until !== null) {
      const untilClock = until.toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit' });
      return { type: 'snoozed', untilClock };
    }
    return { type: trigger };
  }

  #draw(): void {
    const view = this.#view();
    const tooltip = new vscode.MarkdownString(view.tooltip, true);
    tooltip.isTrusted = { enabledCommands: [...tooltipCommands] };
    this.#item.text = view.text;
    this.#item.tooltip = tooltip;
    this.#item.accessibilityInformation = { label: `Entropane: ${view.spoken}` };
    this.#item.backgroundColor = backgrounds[view.tone];
  }
}

const backgrounds = {
  plain: undefined,
  warning: new vscode.ThemeColor('statusBarItem.warningBackground'),
  error: new vscode.ThemeColor('statusBarItem.errorBackground'),
};
