import { describe, expect, test } from 'vitest';
import { CodedError } from '../../../../../protocol/codedError.ts';
import {
  type Script,
  scriptBySequence,
  type ScriptedPart,
  splitWords,
} from '../../../../../sidecar/engine/scripted/script.ts';
import { defaultProfiles } from '../../../../../sidecar/reasoning/difficulty/autoTable.ts';
import { Steering } from '../../../../../sidecar/request/steering.ts';
import { runScripted } from '../../../../support/engine/scriptedRequest.ts';
import { expectGolden } from '../../../../support/trace/golden.ts';
import { renderTrace } from '../../../../support/trace/traceText.ts';

function reasoning(thought: string, answer: string): readonly ScriptedPart[] {
  return [`${thought}\nFinal answer:`, ` ${answer}\n`];
}

/** What a class of a measured model may lead to. */
const voting = { strategy: 'selfConsistency', temperature: 0.4, tokenShare: 0.5, candidates: 16 } as const;

/** A thought long enough that nothing but a cap ends it, each sentence five tokens. */
const endless = 'Three cats have four. '.repeat(40);

describe('golden traces', () => {
  test('direct answers in one candidate without a cue', async () => {
    const { state, events } = await runScripted(scriptBySequence([['Three cats have 12 legs in all.']]));
    expectGolden('direct', renderTrace(state, events));
  });

  test('chainOfThought ends its thought where the model writes the marker', async () => {
    const script = scriptBySequence([
      ['Each cat has 4 legs. 3 * 4 = 12.\nFinal answer:', ' 12 legs\nThat is all.'],
    ]);
    const { state, events } = await runScripted(script, { request: { strategy: 'chainOfThought' } });
    expectGolden('chainOfThought', renderTrace(state, events));
  });

  test('chainOfThought begins at its first step where it is to', async () => {
    const script = scriptBySequence([
      [' Each cat has 4 legs.\nStep 2: 3 * 4 = 12.\nFinal answer:', ' 12 legs\nThat is all.'],
    ]);
    const request = { strategy: 'chainOfThought', skipPreamble: true } as const;
    const { state, events } = await runScripted(script, { request });
    expectGolden('chainOfThoughtAtFirstStep', renderTrace(state, events));
  });

  test('chainOfThought of a model that an adapter changes names it, and how much it does', async () => {
    const identity = {
      name: 'scripted',
      hash: '0'.repeat(64),
      hashKind: 'sha256',
      adapter: { name: 'terse.gguf', hash: '1'.repeat(64), scale: 0.5 },
    } as const;
    const { state, events } = await runScripted(scriptBySequence([reasoning('3 * 4.', '12')]), {
      request: { strategy: 'chainOfThought' },
      engine: { info: { identity } },
    });
    expectGolden('chainOfThoughtAdapted', renderTrace(state, events));
  });

  test('chainOfThought closes an endless thought at a sentence end before its cap', async () => {
    const script = scriptBySequence([[endless, ' 12']]);
    const { state, events } = await runScripted(script, {
      request: { strategy: 'chainOfThought', maxThoughtTokens: 40 },
    });
    expectGolden('chainOfThoughtCapped', renderTrace(state, events));
  });

  test('chainOfThought asks for the answer where the model ended without one', async () => {
    const script = scriptBySequence([['Each cat has 4 legs, so it is 12.', ' 12']]);
    const { state, events } = await runScripted(script, { request: { strategy: 'chainOfThought' } });
    expectGolden('chainOfThoughtUnanswered', renderTrace(state, events));
  });

  test('chainOfThought ends its thought when it is sure of the answer on trial', async () => {
    const unsure = { text: ' 9', logprob: Math.log(0.5) };
    const script: Script = ({ sequence, call }) => {
      if (sequence === 0) return call < 2 ? endless : ' 12';
      return [sequence === 1 ? unsure : { text: ' 12', logprob: Math.log(0.97) }, '\n'];
    };
    const { state, events } = await runScripted(script, {
      request: {
        strategy: 'chainOfThought',
        maxThoughtTokens: 400,
        earlyStopping: {
          consensus: 'certain',
          trialConfidence: 0.95,
          steadyAnswers: false,
          confidencePruning: 'off',
        },
      },
    });
    expectGolden('trialAnswer', renderTrace(state, events));
  });

  test('selfConsistency takes the majority of candidates that run side by side', async () => {
    const script = scriptBySequence([
      reasoning('4 + 4 + 4 is 12.', '12'),
      reasoning('Cats have 3 legs, so 9 it is.', '9'),
      reasoning('Four legs for each of the three, 12 in all.', '12 legs'),
      reasoning('Nine plus nothing is nine, I would think.', '$9'),
      reasoning('Let me count them one after another, slowly: 12 legs.', '12.0'),
    ]);
    const { state, events } = await runScripted(script, {
      request: { strategy: 'selfConsistency', candidateCount: 5 },
    });
    expectGolden('selfConsistency', renderTrace(state, events));
  });

  test('selfConsistency prunes what cannot overturn the lead', async () => {
    const script = scriptBySequence([
      reasoning('It is 12.', '12'),
      reasoning('It is 12.', '12'),
      reasoning('It is 12.', '12'),
      [endless, ' 9'],
      [endless, ' 9'],
    ]);
    const { state, events } = await runScripted(script, {
      request: { strategy: 'selfConsistency', candidateCount: 5 },
    });
    expectGolden('selfConsistencyConsensus', renderTrace(state, events));
  });

  test('hedgedBestOfN sets sampled candidates beside a greedy one', async () => {
    const script = scriptBySequence([
      reasoning('It is perhaps 9, I think, but I am not sure.', '9'),
      reasoning('4 + 4 + 4 is 12.', '12'),
      reasoning('It might be 9.', '9'),
    ]);
    const { state, events } = await runScripted(script, {
      request: { strategy: 'hedgedBestOfN', candidateCount: 3, selector: 'hedgeWeighted' },
    });
    expectGolden('hedgedBestOfN', renderTrace(state, events));
  });

  test('selfConsistency ends candidates that are less sure than the first were', async () => {
    /** A thought and its answer, every token of this confidence in nats. */
    const sure = (confidence: number, thought: string, answer: string): readonly ScriptedPart[] => {
      const part = (text: string): ScriptedPart =>
        splitWords(text).map((word) => {
          return { text: word, alternatives: [{ id: 1, text: word, logprob: -confidence }] };
        });
      return [part(`${thought}\nFinal answer:`), part(` ${answer}\n`)];
    };
    const script = scriptBySequence([
      sure(2, 'It is three times four legs', '12'),
      sure(3, 'It must be four times three', '9'),
      sure(2.5, 'Three of them have four each', '12'),
      sure(1, 'Or is it something else then, I do not really know', '9'),
      sure(4, 'Four legs for each of the three, surely', '12'),
    ]);
    const { state, events } = await runScripted(script, {
      request: {
        strategy: 'selfConsistency',
        candidateCount: 5,
        selector: 'confidenceWeighted',
        earlyStopping: {
          consensus: 'certain',
          trialConfidence: 0,
          steadyAnswers: false,
          confidencePruning: 'cautious',
        },
      },
    });
    expectGolden('confidencePruning', renderTrace(state, events));
  });

  /** The probe prefix of candidate 0 at this entropy, then its end; the siblings begin anew from the prompt. */
  const probePrefix = (entropyNats: number): ScriptedPart =>
    Array.from({ length: 32 }, (_, index) => ({ text: index === 31 ? ' so.' : ' hm', entropyNats }));

  test('auto answers a question that it finds easy in one candidate', async () => {
    const script = scriptBySequence([[probePrefix(0.05), ' It is 12.\nFinal answer:', ' 12']]);
    const { state, events } = await runScripted(script, {
      request: { strategy: 'auto', candidateCount: 4, maxThoughtTokens: 120 },
    });
    expectGolden('autoEasy', renderTrace(state, events));
  });

  test('auto puts a hard question to several candidates and keeps the probe prefix of the first', async () => {
    const script = scriptBySequence([
      [probePrefix(0.9), ' It is 9.\nFinal answer:', ' 9\n'],
      reasoning('It is 12.', '12'),
      reasoning('It must be 12.', '12'),
    ]);
    const { state, events } = await runScripted(script, {
      request: { strategy: 'auto', candidateCount: 3, maxThoughtTokens: 120 },
      dependencies: { tables: [{ version: 1, default: { ...defaultProfiles, hard: voting }, models: {} }] },
    });
    expectGolden('autoHard', renderTrace(state, events));
  });

  test('auto talks about attached code in prose, without a cue', async () => {
    const text = 'The function adds two numbers and returns their sum to the caller.';
    const { state, events } = await runScripted(scriptBySequence([[text]]), {
      request: {
        strategy: 'auto',
        candidateCount: 4,
        maxThoughtTokens: 120,
        question: 'What does it do?',
        attachment: { languageId: 'python', path: 'add.py', text: 'def add(a, b):\n    return a + b\n' },
      },
    });
    expectGolden('autoAttachment', renderTrace(state, events));
  });

  test('auto writes code that is asked for as one would write it, and says why', async () => {
    const text =
      'Here it is:\n```python\ndef double(n):\n    return 2 * n\n```\nUse it:\n```python\nprint(double(2))\n```';
    const { state, events, result } = await runScripted(scriptBySequence([[text]]), {
      request: {
        strategy: 'auto',
        candidateCount: 4,
        question: 'Write a Python function that doubles a number.',
      },
    });
    expect(result?.text).toBe(text);
    expectGolden('autoCodeRequest', renderTrace(state, events));
  });

  test('a wish for more thought opens a thought again that was about to end', async () => {
    const steering = new Steering();
    const script = scriptBySequence([
      ['It is 9.\nFinal answer:', 'No: three times four, 12.\nFinal answer:', ' 12'],
    ]);
    const { state, events } = await runScripted(script, {
      request: { strategy: 'chainOfThought' },
      dependencies: { steering },
      onEvent: (event) => {
        if (event.type === 'tokens/appended' && event.seq === 3) steering.steer('thinkMore');
      },
    });
    expectGolden('thinkMore', renderTrace(state, events));
  });

  test('a wish for the answer closes the thoughts of all candidates', async () => {
    const steering = new Steering();
    const script = scriptBySequence([
      [endless, ' 12\n'],
      [endless, ' 12\n'],
    ]);
    let tokens = 0;
    const { state, events } = await runScripted(script, {
      request: { strategy: 'selfConsistency', candidateCount: 2, maxThoughtTokens: 200 },
      dependencies: { steering },
      onEvent: (event) => {
        if (event.type === 'tokens/appended' && ++tokens === 6) steering.steer('answerNow');
      },
    });
    expectGolden('answerNow', renderTrace(state, events));
  });

  test('a stop keeps the vote of those that had finished', async () => {
    const steering = new Steering();
    const script = scriptBySequence([reasoning('It is 12.', '12'), [endless], [endless]]);
    const { state, events } = await runScripted(script, {
      request: { strategy: 'selfConsistency', candidateCount: 3, maxThoughtTokens: 200 },
      dependencies: { steering },
      onEvent: (event) => {
        if (event.type === 'candidate/closed') steering.steer('stop');
      },
    });
    expectGolden('stopped', renderTrace(state, events));
  });

  test('a budget of tokens is shared, and what it cuts off does not vote', async () => {
    const script = scriptBySequence([reasoning('It is 12.', '12'), [endless, ` ${endless}`]]);
    const { state, events } = await runScripted(script, {
      request: {
        strategy: 'selfConsistency',
        candidateCount: 2,
        budget: { generatedTokens: 40, answerTokensPerCandidate: 6 },
      },
    });
    expectGolden('tokenBudget', renderTrace(state, events));
  });

  test('a failing engine leaves a trace that ends with its error', async () => {
    const script: Script = () => {
      throw new CodedError('engine.failed', 'The engine is gone.', 'Restart the engine.');
    };
    const { state, events } = await runScripted(script, { request: { strategy: 'chainOfThought' } });
    expectGolden('failed', renderTrace(state, events));
  });
});
