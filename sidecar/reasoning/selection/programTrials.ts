import type { RunScope } from '../../request/eventChannel.ts';
import { codeGroups, type CodeGroup, rankOf } from './codeGroups.ts';
import { fellBack, selectionOf, takenAmong } from './codeVote.ts';
import { fallBackToMajority } from './majorityFallback.ts';
import { parseCode } from './parsedCode.ts';
import { castVote } from './ruleSelector.ts';
import type { Ballot, Selection, SelectionContext, Selector } from './selector.ts';
import { testCode } from './testedCode.ts';

/** What of the programs is tested. */
export interface TrialRules {
  /** Whether those are tested, too, that do not parse: the grammar may not know the newest syntax. */
  readonly includesBroken: boolean;
  /** Whether the first that passes is enough. */
  readonly untilPass: boolean;
}

type Verdict = Pick<CodeGroup, 'isBroken' | 'test' | 'changesNothing' | 'failure'>;

/**
 * What a parser and the user's test say of the programs of one request, while candidates are still being written. Each
 * program is read once and tested once, however many candidates wrote it. `isOver` says that nothing may be tested any more;
 * `ended` aborts a test that runs then.
 */
export class ProgramTrials {
  readonly #context: SelectionContext;
  readonly #isOver: () => boolean;
  readonly #ended: AbortSignal;
  readonly #verdicts = new Map<string, Verdict>();
  readonly #parsed = new Set<string>();
  readonly #tested = new Set<string>();
  readonly #said = new Set<string>();

  constructor(
    context: SelectionContext,
    { isOver, ended }: { readonly isOver: () => boolean; readonly ended: AbortSignal },
  ) {
    this.#context = context;
    this.#isOver = isOver;
    this.#ended = ended;
  }

  /** The programs by what is known of them, best first; of equals the one of the earliest candidate, which may be greedy. */
  ranked(ballots: readonly Ballot[]): readonly CodeGroup[] {
    return codeGroups(ballots, this.#context.attachment?.languageId ?? '')
      .map((entry) => ({ ...entry, ...this.#verdicts.get(entry.code.text) }))
      .sort(compareTried);
  }

  /** Reads and tests what is new. Returns the best program that has passed; null where none has. */
  async try(ballots: readonly Ballot[], rules: TrialRules, scope: RunScope): Promise<CodeGroup | null> {
    await this.#parse(ballots, scope);
    const { verifier, attachment } = this.#context;
    const passed = (): CodeGroup | null => this.ranked(ballots).find(hasPassed) ?? null;
    while (verifier !== null && !this.#isOver()) {
      if (rules.untilPass && passed() !== null) break;
      const entry = this.ranked(ballots).find((one) => this.#isToTest(one, rules));
      if (entry === undefined) break;
      this.#tested.add(entry.code.text);
      const { events } = scope;
      this.#note(await testCode(entry, { verifier, attachment }, { events, ended: this.#ended }));
    }
    return passed();
  }

  /**
   * Decides by the trials: `verifiedCode` takes the best program, any other selector decides among the candidates whose programs
   * are as good as that. Where nobody wrote a program, the majority decides.
   */
  selector(chosen: Selector): Selector {
    return {
      id: chosen.id,
      isDecided: () => false,
      select: (ballots, context, scope) => this.#select(ballots, { chosen, context, scope }),
    };
  }

  async #select(
    ballots: readonly Ballot[],
    {
      chosen,
      context,
      scope,
    }: { readonly chosen: Selector; readonly context: SelectionContext; readonly scope: RunScope },
  ): Promise<Selection | null> {
    const [best, ...others] = this.ranked(ballots);
    if (best === undefined) {
      const why = 'No candidate wrote a block of code, so the majority decided.';
      return ballots.length < 2 ? null : fallBackToMajority(ballots, why, { context, scope });
    }
    if (!hasPassed(best)) await scope.events.push(fellBack(this.#whyNone([best, ...others])));
    if (chosen.id !== 'verifiedCode') {
      const isAsGood = (entry: CodeGroup): boolean => rankOf(entry) === rankOf(best);
      const equals = [best, ...others].filter(isAsGood).flatMap(({ group }) => group.votes);
      const ids = new Set(equals.map(({ candidateId }) => candidateId));
      const among = ballots.filter(({ candidateId }) => ids.has(candidateId));
      const selection = await chosen.select(among, context, scope);
      if (selection !== null) return selection;
    }
    const selection = selectionOf([best, ...others]);
    if (ballots.length > 1) await scope.events.push(castVote('verifiedCode', selection));
    return selection;
  }

  async #parse(ballots: readonly Ballot[], { events, signal }: RunScope): Promise<void> {
    const unread = this.ranked(ballots).filter(({ code }) => !this.#parsed.has(code.text));
    if (unread.length === 0) return;
    for (const { code } of unread) this.#parsed.add(code.text);
    for (const entry of await parseCode(unread, this.#context, { events, signal, said: this.#said }))
      this.#note(entry);
  }

  #isToTest(entry: CodeGroup, { includesBroken }: TrialRules): boolean {
    return !this.#tested.has(entry.code.text) && (includesBroken || !entry.isBroken);
  }

  #note({ code, isBroken, test, changesNothing, failure }: CodeGroup): void {
    this.#verdicts.set(code.text, { isBroken, test, changesNothing, failure });
  }

  /** Why no test chose, in a sentence. */
  #whyNone(ranked: readonly CodeGroup[]): string {
    const { verifier, meter } = this.#context;
    const isAlone = ranked.length > 1 && ranked[0]?.group.votes.length === 1;
    const taken = isAlone ? 'the earliest of the best' : takenAmong(ranked);
    if (verifier === null) return `No test command is set for this workspace, so ${taken} was taken.`;
    const isWhole = ranked.every(({ test }) => test !== 'untested');
    if (isWhole || !this.#isOver())
      return `No candidate passed "${verifier.command}", so ${taken} was taken.`;
    const isOutOfTime = meter.outOfTime.aborted || meter.exhausted() === 'durationMs';
    const why = isOutOfTime ? 'the time was used up' : 'the request was to end';
    return `The tests were broken off, because ${why}.`;
  }
}

function hasPassed({ test }: CodeGroup): boolean {
  return test === 'passed';
}

/** By rank, then by votes, then the earliest: without evidence a sampled program is no better than the first. */
function compareTried(a: CodeGroup, b: CodeGroup): number {
  const [[first], [second]] = [a.group.votes, b.group.votes];
  return (
    rankOf(b) - rankOf(a) ||
    b.group.votes.length - a.group.votes.length ||
    first.candidateId - second.candidateId
  );
}
