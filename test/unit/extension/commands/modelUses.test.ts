import { describe, expect, it } from 'vitest';
import { modelUses } from '../../../../extension/commands/modelUses.ts';

function settingsOf(chosen: string, model: string, completionModel: string) {
  return modelUses(chosen, { model, completionModel }).map((use) => [
    use.label,
    use.model,
    use.completionModel,
  ]);
}

describe('the uses of a model', () => {
  it('leave the other role to the model that has it', () => {
    expect(settingsOf('new', 'large', 'small')).toEqual([
      ['Questions and completions', 'new', ''],
      ['Questions', 'new', 'small'],
      ['Completions', 'large', 'new'],
    ]);
  });

  it('begin with the one model that does everything', () => {
    expect(settingsOf('new', 'only', '')).toEqual([
      ['Questions and completions', 'new', ''],
      ['Questions', 'new', 'only'],
      ['Completions', 'only', 'new'],
    ]);
  });

  it('name no second model where it would be the first', () => {
    expect(settingsOf('small', 'large', 'small')[1]).toEqual(['Questions', 'small', '']);
    expect(settingsOf('large', 'large', 'small')[2]).toEqual(['Completions', 'large', '']);
  });
});

it('a model of this machine is to complete, whatever is chosen while a server answers questions', () => {
  const [, questions, completions] = modelUses('small', {
    model: 'http://gpu-box:8080',
    completionModel: '',
  });
  expect(questions).toMatchObject({ model: 'small', completionModel: '' });
  expect(completions).toMatchObject({ model: 'http://gpu-box:8080', completionModel: 'small' });
});

it('a server’s model goes on with completions where it is named for them', () => {
  const [, questions] = modelUses('small', { model: 'large', completionModel: 'http://gpu-box:8080' });
  expect(questions).toMatchObject({
    model: 'small',
    completionModel: 'http://gpu-box:8080',
    detail: 'http://gpu-box:8080 writes completions.',
  });
});
