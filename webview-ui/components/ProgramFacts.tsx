import type { ProgramFact } from '../state/programFacts.ts';
import { Icon, type IconName } from './Icon.tsx';

const icons: Readonly<Record<ProgramFact['about'], IconName>> = {
  syntax: 'check',
  test: 'check',
  repair: 'fork',
  answer: 'answer',
};

/** What is known of a program, each as icon, words and colour; the whole of it is one hover away. */
export function ProgramFacts({ facts }: { readonly facts: readonly ProgramFact[] }) {
  if (facts.length === 0) return null;
  return (
    <span class="lane-program">
      {facts.map(({ about, tone, name, meaning }) => (
        <span key={name} class="program-fact" data-tone={tone} title={meaning}>
          <Icon name={tone === 'bad' ? 'cross' : icons[about]} />
          {name}
        </span>
      ))}
    </span>
  );
}
