import { describe, expect, it } from 'vitest';
import type { AskParams, SidecarSettings } from '../../protocol/messages.ts';
import type { PanelToHost } from '../../protocol/panelMessages.ts';
import { difficultyClasses, type DifficultyClass, type ModelIdentity } from '../../protocol/traceEvent.ts';
import { catalogue } from '../../sidecar/models/catalogue.ts';
import { defaultSettings } from '../../sidecar/validation/sidecarSettings.ts';
import { problemSignature } from '../../sidecar/reasoning/memory/problemSignature.ts';
import { manifest } from '../support/machine/manifest.ts';
import { resolvedRequest, type ResolvedCase } from '../support/engine/resolvedRequest.ts';

/** One model of each row of the table, and one without. */
const models = catalogue.flatMap(({ name, sha256 }): readonly ModelIdentity[] =>
  sha256 === null ? [] : [{ name, hash: sha256, hashKind: 'sha256' }],
);

interface Probe {
  /** A value that is not the default. */
  readonly value: string | number | boolean | readonly string[];
  /** What else is set, so that the setting has something to change. */
  readonly beside?: Partial<SidecarSettings>;
  readonly params?: Partial<AskParams>;
  readonly remembered?: ResolvedCase['remembered'];
}

const hard = { difficulty: 'hard' } as const;
const codeRequest = { question: 'Write a Python function that doubles a number.' };
const never = { tries: 1, wins: 0, runs: 1, tokens: 1 };
const signature = problemSignature(
  { question: 'How many legs do three cats have?', attachment: null },
  'normal',
);

/** By the setting's name. A new setting of reasoning needs its probe here, or the tag "experimental". */
const probes: Readonly<Record<string, Probe>> = {
  strategy: { value: 'selfConsistency' },
  candidates: { value: 3, beside: hard },
  route: { value: ['small'], beside: { difficulty: 'easy' } },
  difficulty: { value: 'hard' },
  strategyMemory: {
    value: true,
    remembered: { [signature]: { chainOfThought: never, selfConsistency: { ...never, wins: 1 } } },
  },
  selector: { value: 'mostConfident', beside: hard },
  maxThoughtTokens: { value: 64 },
  budgetTokens: { value: 100 },
  budgetSeconds: { value: 60 },
  tokensPerDay: { value: 100 },
  consensus: { value: 'off', beside: hard },
  confidencePruning: { value: 'strict', beside: hard },
  steadyAnswers: { value: true },
  trialConfidence: { value: 0.95 },
  skipPreamble: { value: 'on' },
  stepChildren: { value: 3, beside: { strategy: 'stepBeam' } },
  maxSteps: { value: 2, beside: { strategy: 'stepBeam' } },
  verifyCommand: { value: 'true', beside: { selector: 'verifiedCode' }, params: codeRequest },
  verifySeconds: {
    value: 1,
    beside: { selector: 'verifiedCode', verifyCommand: 'sleep 2' },
    params: codeRequest,
  },
};

/** Those of the section, and those that are listed as advanced or experimental and have a probe here. */
const settings = manifest.contributes.configuration.flatMap(({ title, properties }) =>
  Object.entries(properties)
    .map(([key, { tags = [] }]) => ({
      name: key.replace('entropane.', ''),
      isExperimental: tags.includes('experimental'),
    }))
    .filter(({ name }) => title === 'Reasoning' || name in probes),
);

async function someModel(claim: (model: ModelIdentity) => Promise<boolean>): Promise<boolean> {
  for (const model of models) if (await claim(model)) return true;
  return false;
}

describe('a setting of reasoning', () => {
  it('is found in the manifest, and has a probe or the tag "experimental"', () => {
    expect(settings.length).toBeGreaterThan(10);
    const unprobed = settings.filter(({ name, isExperimental }) => !isExperimental && !(name in probes));
    expect(unprobed).toEqual([]);
    const names = settings.map(({ name }) => name);
    expect(Object.keys(probes).filter((name) => !names.includes(name))).toEqual([]);
  });

  it.each(settings.map(({ name }) => name).filter((name) => name in probes))(
    '%s changes what a question comes to for some model of the catalogue',
    async (name) => {
      const { value, beside = {}, ...rest } = probes[name] ?? { value: null };
      expect(value).not.toEqual(Object.entries(defaultSettings).find(([key]) => key === name)?.[1]);
      const isChanged = await someModel(async (model) => {
        const usual = await resolvedRequest({ model, settings: beside, ...rest });
        const changed = await resolvedRequest({ model, settings: { ...beside, [name]: value }, ...rest });
        return usual.resolved !== changed.resolved;
      });
      expect(isChanged).toBe(true);
    },
  );
});

describe('a control of the panel', () => {
  const asked = (model: ModelIdentity, difficulty: DifficultyClass | null, params: Partial<AskParams> = {}) =>
    resolvedRequest({ model, params: { ...params, ...(difficulty !== null && { difficulty }) } });
  /** Whether every class that is offered for a question leads to something of its own, and something is offered. */
  const classesAct = async (): Promise<boolean> =>
    someModel(async (model) => {
      const { difficulty } = await asked(model, null);
      const offered = difficulty?.offers ?? [];
      expect(offered.map((offer) => offer.difficulty)).toEqual(difficultyClasses);
      const ways = await Promise.all(offered.map((offer) => asked(model, offer.difficulty)));
      return new Set(ways.map(({ resolved }) => resolved)).size === difficultyClasses.length;
    });
  /** Whether a step into a question that runs changes what it comes to. */
  const steeringActs = async (): Promise<boolean> => {
    const [model] = models;
    if (model === undefined) return false;
    const usual = await resolvedRequest({ model });
    const steer = { action: 'answerNow', afterPieces: 1 } as const;
    return (await resolvedRequest({ model, steer })).resolved !== usual.resolved;
  };
  /** Null for messages that ask for nothing to be worked on otherwise. The compiler keeps the list complete. */
  const controls: Readonly<Record<PanelToHost['type'], (() => Promise<boolean>) | null>> = {
    'panel/ready': null,
    'trace/resend': null,
    'trace/open': null,
    'trace/export': null,
    'question/asked': null,
    'edit/asked': null,
    'context/given': null,
    'context/removed': null,
    'context/added': null,
    'files/sought': null,
    'code/copied': null,
    'code/inserted': null,
    'code/applied': null,
    'request/steer': steeringActs,
    'question/askedAgain': classesAct,
    'difficulty/chosen': classesAct,
  };
  const acting = Object.entries(controls).flatMap(([type, acts]) => (acts === null ? [] : [{ type, acts }]));

  it.each(acting)('$type changes what a question comes to', async ({ acts }) => {
    expect(await acts()).toBe(true);
  });

  it('is no setting that is experimental', () => {
    const experimental = settings.filter(({ isExperimental }) => isExperimental);
    expect(experimental.map(({ name }) => name)).not.toContain('difficulty');
  });

  it('is not offered of code, where it would change nothing', async () => {
    for (const model of models) {
      const code = await asked(model, null, codeRequest);
      expect(code.difficulty?.offers).toBeUndefined();
      for (const difficulty of difficultyClasses)
        expect((await asked(model, difficulty, codeRequest)).resolved).toBe(code.resolved);
    }
  });

  it('is offered where the user chose the strategy, since a question that is asked again leaves that to auto', async () => {
    const [model] = models;
    if (model === undefined) throw new Error('There are models.');
    const chosen = await asked(model, null, { strategy: 'chainOfThought' });
    expect(chosen.difficulty?.offers).toEqual((await asked(model, null)).difficulty?.offers);
  });
});
