import type { ReasoningChoices } from '../../protocol/reasoningOptions.ts';
import { selectorIds } from '../../protocol/selectorTable.ts';
import { thinkChoices } from '../../protocol/thinking.ts';
import { type FieldReader, present } from './fieldReader.ts';
import { temperatureRange } from './parameterRanges.ts';
import { readEarlyStopping, readStepSearch } from './sidecarSettings.ts';

/** What a request or a table chose of the options; throws `parameter.invalid` naming the member that is wrong. */
export function readChoices(fields: FieldReader): ReasoningChoices {
  const stepSearch = fields.optionalObject('stepSearch');
  const earlyStopping = fields.optionalObject('earlyStopping');
  return present({
    temperature: fields.optionalNumber('temperature', temperatureRange),
    selector: fields.optionalOneOf('selector', selectorIds),
    stepSearch: stepSearch && readStepSearch(stepSearch),
    earlyStopping: earlyStopping && readEarlyStopping(earlyStopping),
    skipPreamble: fields.optionalBoolean('skipPreamble'),
    repair: fields.optionalBoolean('repair'),
    think: fields.optionalOneOf('think', thinkChoices),
  });
}
