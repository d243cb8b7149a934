import type { ArrowKey } from './keyboard.ts';

/** Somebody's work on one file. */
export interface TypingTrace {
  readonly name: string;
  /** VS Code's identifier. */
  readonly languageId: string;
  /** Relative to the checkout. */
  readonly folder: string;
  readonly file: string;
  /** Files of the same folder that were looked at before. */
  readonly related: readonly string[];
  readonly indent: string;
  /** See `typingSteps`. */
  readonly script: readonly string[];
}

/** One step of a trace. A pause is a request. */
export type TypingStep =
  | { readonly type: 'key'; readonly key: string }
  | { readonly type: 'back' }
  | { readonly type: 'arrow'; readonly key: ArrowKey }
  | { readonly type: 'jump'; readonly place: string }
  | { readonly type: 'pause' };

/** Where somebody who types pauses. */
const pauseMark = '¦';
const arrowKeys: readonly string[] = ['up', 'down', 'left', 'right', 'end'] satisfies readonly ArrowKey[];
const isArrowKey = (word: string): word is ArrowKey => arrowKeys.includes(word);

/**
 * The steps of a script. A line is `jump PLACE`, with `|` where the cursor goes; `back N`; an arrow key or `end` with how
 * often; or `type TEXT`, with a mark for each pause and a line end for Enter. A pause follows a jump, and each
 * line of arrow keys. Throws for any other line. Pure.
 */
export function typingSteps(script: readonly string[]): readonly TypingStep[] {
  return script.flatMap((line): readonly TypingStep[] => {
    const [, word = '', rest = ''] = /^(\w+) ?([^]*)$/.exec(line) ?? [];
    const times = Number(rest);
    if (word === 'type')
      return Array.from(rest).map((key) => (key === pauseMark ? { type: 'pause' } : { type: 'key', key }));
    if (word === 'jump') return [{ type: 'jump', place: rest }, { type: 'pause' }];
    if (word === 'back') return Array.from({ length: times }, () => ({ type: 'back' }) as const);
    if (isArrowKey(word))
      return [
        ...Array.from({ length: times }, () => ({ type: 'arrow', key: word }) as const),
        { type: 'pause' },
      ];
    throw new Error(`A script has a line that is not a step: ${line}`);
  });
}

/** Methods added to the macro expander of KaTeX: source that lies in the package itself. */
const typescriptTrace: TypingTrace = {
  name: 'TypeScript',
  languageId: 'typescript',
  folder: 'node_modules/katex/src',
  file: 'MacroExpander.ts',
  related: ['Lexer.ts', 'Namespace.ts', 'Token.ts'],
  indent: '    ',
  script: [
    'jump         return this.stack.pop()!;\n    }|',
    'type \n\npeek¦Token(de¦pth: number): ¦Token | null {¦\nwhile (¦this.stack.length <= ¦depth) {\nthis.¦pushToken(¦this.lexer.¦lex());',
    'down 1',
    'end 1',
    'type \n¦return this.stack[th¦is.stack.length - ',
    'back 2',
    'type - 1¦',
    'jump         this.stack.push(...tokens);|',
    'type \nif (¦this.stack.length > ¦this.settings.maxE¦xpand) {¦\nthrow new ¦ParseError("¦',
    'type Too many tokens"',
    'jump     consumeSpaces() {|',
    'type \nlet co¦unt = 0;¦',
    'down 5',
    'end 1',
    'type \ncount¦++;',
    'jump     isExpandable(name: string): boolean {|',
    'type \n¦if (!this.isD¦efined(name)) {¦\nreturn ¦',
    'up 1',
    'jump         const oldStackLength = this.stack.length;|',
    'type \nconst seen = new ¦Set<string>();¦',
    'up 2',
    'end 1',
    'type \n// ¦Collects ',
  ],
};

/** Changes to a shop's orders. The four files were written for this bench. */
const pythonTrace: TypingTrace = {
  name: 'Python',
  languageId: 'python',
  folder: 'test/fixtures/typing',
  file: 'orders.py',
  related: ['money.py', 'catalog.py', 'storage.py'],
  indent: '    ',
  script: [
    'jump     def cancel(self) -> None:\n        self._become(Status.CANCELLED)|',
    'type \n\n',
    'back 4',
    'type def ¦refund(self, ¦amount: Mo¦ney) -> None:¦\nif amount ¦> self.paid:¦\nraise Or¦derError(f"¦',
    'type order {self.¦number',
    'end 1',
    'jump         return HEAVY_SHIPPING|',
    'jump         del self._orders[number]|',
    'type \n\n',
    'back 4',
    'type def unpa¦id(self) -> li¦st[Order]:¦\nreturn [¦order for ¦order in self.all() if ¦not order.is',
    'back 2',
    'type is_p¦aid',
    'jump     favourite = counts.most_common(1)[0][0] if counts else None|',
    'type \nspent = to¦tal([¦order.paid for ',
    'down 1',
    'up 3',
    'end 1',
    'type \nif line.¦count > 1¦0:',
    'jump def reminder(order: Order) -> str:|',
    'type \nif ¦order.is_paid:¦\nreturn ¦""',
    'jump         writer = csv.writer(file)|',
    'back 1',
    'type , de¦limiter=¦";"',
  ],
};

export const typingTraces: readonly TypingTrace[] = [typescriptTrace, pythonTrace];
