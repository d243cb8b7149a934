import { useId } from 'preact/hooks';
import type { BoxUse } from '../state/boxUse.ts';

interface BoxUseSwitchProps {
  readonly use: BoxUse;
  readonly onChoose: (use: BoxUse) => void;
}

const choices: readonly { readonly use: BoxUse; readonly name: string; readonly meaning: string }[] = [
  { use: 'ask', name: 'Ask', meaning: 'The words are a question. The answer comes here.' },
  {
    use: 'edit',
    name: 'Edit',
    meaning: 'The words say what to change in the editor. You see the difference first.',
  },
];

/** What Enter does with the words of the box. One stop of the Tab key; arrow keys choose. */
export function BoxUseSwitch({ use, onChoose }: BoxUseSwitchProps) {
  const group = useId();
  return (
    <fieldset class="box-use">
      <legend class="visually-hidden">Use of the box</legend>
      {choices.map((choice) => (
        <label key={choice.use} title={choice.meaning}>
          <input
            type="radio"
            class="visually-hidden"
            name={group}
            checked={choice.use === use}
            onChange={() => {
              onChoose(choice.use);
            }}
          />
          {choice.name}
        </label>
      ))}
    </fieldset>
  );
}
