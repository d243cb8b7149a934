import { constraintPart } from '../infill/constraintPart.ts';
import { crossFilePart } from '../infill/crossFilePart.ts';
import { indentationPart } from '../infill/indentationPart.ts';
import { infillPart } from '../infill/infillPart.ts';
import { infillSetKinds } from '../infill/infillSet.ts';
import { wholeWordPart } from '../infill/wholeWordPart.ts';
import { rereadPart } from '../infill/rereadPart.ts';
import { rivalPart } from '../infill/rivalPart.ts';
import { rewrittenPart } from '../infill/rewrittenPart.ts';
import { spanPart } from '../infill/spanPart.ts';
import { type Suite, withModel } from './suite.ts';
import type { PartResult } from '../figure.ts';

/** Ghost text on functions with something cut out, through the whole product with trigger `automatic`. */
export const infillSuite: Suite = {
  name: 'infill',
  summary:
    'Completions of HumanEval-Infilling rows and of spans through the whole product, by prompt layout and token healing',
  parts: [
    ...infillSetKinds.map(({ part }) => part),
    'spans',
    'indentation',
    'crossFile',
    'rewritten',
    'wholeWord',
    'reread',
    'constraint',
    'rival',
  ],
  rounds: 3,
  minutesPerRound: 10,
  needsData: true,
  usesTools: true,
  run: async (context) => {
    const { dataFolder, includes, infill } = context;
    if (dataFolder === null) throw new Error('A suite that needs data runs with data alone.');
    const partContext = { ...context, dataFolder };
    // On this thread, before the engine takes the cores.
    const cost = [
      ...(includes('constraint') ? [await constraintPart(context)] : []),
      ...(includes('rewritten') ? [await rewrittenPart(context)] : []),
    ];
    // Before the model is loaded here: the server loads one of its own.
    const rival = includes('rival') ? [await rivalPart(partContext)] : [];
    return withModel(context, {}, async (model) => {
      const parts: PartResult[] = [...cost, ...rival];
      for (const kind of infillSetKinds) {
        if (includes(kind.part)) parts.push(await infillPart(partContext, model, kind));
      }
      if (includes('spans')) parts.push(await spanPart(context, model));
      if (includes('crossFile')) parts.push(await crossFilePart(context, model));
      if (includes('indentation')) parts.push(await indentationPart(context, model));
      if (includes('wholeWord')) parts.push(await wholeWordPart(partContext, model));
      if (includes('reread')) parts.push(await rereadPart(context, model));
      return {
        figures: parts.flatMap(({ figures }) => figures),
        setup: { rows: infill.rows },
        notes: parts.flatMap(({ notes }) => notes),
        backend: model.info.backend,
      };
    });
  },
};
