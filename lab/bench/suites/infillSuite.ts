import { constraintPart } from '../infill/constraintPart.ts';
import { indentationPart } from '../infill/indentationPart.ts';
import { infillPart } from '../infill/infillPart.ts';
import { infillSetKinds } from '../infill/infillSet.ts';
import { wholeWordPart } from '../infill/wholeWordPart.ts';
import { rereadPart } from '../infill/rereadPart.ts';
import { rewrittenPart } from '../infill/rewrittenPart.ts';
import { spanPart } from '../infill/spanPart.ts';
import type { PartResult } from '../editPart.ts';
import { type Suite, withModel } from './suite.ts';

/** Ghost text on functions with something cut out, through the whole product with trigger `automatic`. */
export const infillSuite: Suite = {
  name: 'infill',
  summary:
    'Completions of HumanEval-Infilling rows through the whole product, with token healing and without',
  parts: [
    ...infillSetKinds.map(({ part }) => part),
    'spans',
    'indentation',
    'rewritten',
    'wholeWord',
    'reread',
    'constraint',
  ],
  rounds: 3,
  minutesPerRound: 10,
  needsData: true,
  run: async (context) => {
    const { dataFolder, includes, infill } = context;
    if (dataFolder === null) throw new Error('A suite that needs data runs with data alone.');
    const partContext = { ...context, dataFolder };
    // On this thread, before the engine takes the cores.
    const cost = [
      ...(includes('constraint') ? [await constraintPart(context)] : []),
      ...(includes('rewritten') ? [await rewrittenPart(context)] : []),
    ];
    return withModel(context, {}, async (model) => {
      const parts: PartResult[] = [...cost];
      for (const kind of infillSetKinds) {
        if (includes(kind.part)) parts.push(await infillPart(partContext, model, kind));
      }
      if (includes('spans')) parts.push(await spanPart(context, model));
      if (includes('indentation')) parts.push(await indentationPart(context, model));
      if (includes('wholeWord')) parts.push(await wholeWordPart(partContext, model));
      if (includes('reread')) parts.push(await rereadPart(partContext, model));
      return {
        figures: parts.flatMap(({ figures }) => figures),
        setup: { rows: infill.rows },
        notes: parts.flatMap(({ notes }) => notes),
        backend: model.info.backend,
      };
    });
  },
};
