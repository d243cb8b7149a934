import { expect, test } from 'vitest';
import { failureOf } from '../support/sidecar/contractPeer.ts';
import { SidecarProcess } from '../support/sidecar/sidecarProcess.ts';
import { temporaryFolder } from '../support/machine/temporaryFolder.ts';
import { writeTemplated } from '../support/modelFiles/templatedModel.ts';

const smol = { model: 'smollm2-135m', contextTokens: 2048 } as const;
const short = { question: 'Hi.', strategy: 'direct', budget: { answerTokensPerCandidate: 4 } } as const;
const loop = (inside: string): string => `{% for a in range(10**4) %}${inside}{% endfor %}`;

/** How long a template may run, and what a busy machine adds to it. */
const failsWithinMs = 30_000;

// Five models, each with a trial load of its own.
const sufficientMs = 240_000;

test(
  'templates that never end fail their question with a code, and the same sidecar answers the next',
  async () => {
    await using folder = await temporaryFolder();
    const [endless, printing, doubling, joining] = await Promise.all([
      writeTemplated(folder.path, 'endless', loop(loop(loop('')))),
      writeTemplated(folder.path, 'printing', loop(loop('Hello.'))),
      writeTemplated(
        folder.path,
        'doubling',
        `{% set ns = namespace(x='ab') %}${loop('{% set ns.x = ns.x + ns.x %}')}{{ ns.x }}`,
      ),
      writeTemplated(
        folder.path,
        'joining',
        "{% set ns = namespace(x='b') %}{% for i in range(16) %}{% set ns.x = ns.x + ns.x %}{% endfor %}" +
          '{% set y = range(6000) | join(ns.x) %}',
      ),
    ]);
    await using sidecar = await SidecarProcess.ready({ settings: smol });
    const failing = async (model: string): Promise<unknown> => {
      // Loads it; then the prompt is all there is to do.
      await sidecar.request('entropane/models/choose', { model });
      const failure = await sidecar.within(failsWithinMs, failureOf(sidecar.ask(short).result), 'a failure');
      return failure.code;
    };
    expect(await failing(endless)).toBe('template.tooSlow');

    const asked = sidecar.ask(short);
    // Answered after the question was read.
    await sidecar.request('entropane/health/get', null);
    asked.cancellation.cancel();
    expect(await failureOf(asked.result)).toMatchObject({ code: 'cancelled' });

    expect(await failing(printing)).toBe('template.tooLarge');
    expect(await failing(doubling)).toBe('template.tooLarge');
    // 390 MB at once, which ended the sidecar when it rendered templates itself. A busy machine may not get so far.
    expect(await failing(joining)).toMatch(/^template\.(tooMuchMemory|tooSlow)$/);
    await sidecar.request('entropane/models/choose', { model: smol.model });
    const answered = await sidecar.ask(short).result;
    expect(answered.ledger.tokens.answer).toBeGreaterThan(0);
  },
  sufficientMs,
);
