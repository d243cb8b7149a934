import type { CodeReading } from '../../../protocol/codeReading.ts';
import type { RunScope } from '../../request/eventChannel.ts';
import type { CandidateCode } from '../../verify/placeCode.ts';
import { type CodeGroup, compareCodeGroups } from './codeGroups.ts';
import type { SelectionContext } from './selector.ts';

/**
 * Has a parser read each code, and says what came out: an event for what was read, a decision for each reason why
 * something was not, unless it is among those that were `said`. Code with errors goes after all other.
 */
export async function parseCode(
  groups: readonly CodeGroup[],
  { codeParser, attachment, meter, steering }: SelectionContext,
  { events, signal, said = new Set() }: RunScope & { readonly said?: Set<string> },
): Promise<readonly CodeGroup[]> {
  const say = async (why: string): Promise<void> => {
    if (said.has(why)) return;
    said.add(why);
    await events.push({ type: 'decision/made', kind: 'codeNotParsed', candidateId: null, why });
  };
  if (codeParser === null) {
    await say('Code was not parsed, because no parser is at hand.');
    return groups;
  }
  const replaced: CandidateCode | null = attachment && {
    text: attachment.text,
    languageId: attachment.languageId,
  };
  const ended = AbortSignal.any([signal, steering.stopSignal, meter.outOfTime]);
  const reasons = new Set<string>();
  const read: CodeGroup[] = [];
  for (const [place, entry] of groups.entries()) {
    // A reading takes no turn of the timer that ends the time.
    if (ended.aborted || meter.exhausted() === 'durationMs') {
      await say('The rest of the code was not parsed, because the request is over.');
      read.push(...groups.slice(place));
      break;
    }
    const { languageId } = entry.code;
    const startedMs = meter.getState().durationMs;
    const reading = await codeParser.read(entry.code, replaced);
    const durationMs = Math.max(0, meter.getState().durationMs - startedMs);
    const { candidateId } = entry.group.votes[0];
    if ('unread' in reading) {
      reasons.add(reading.unread);
      read.push(entry);
    } else {
      await events.push({ type: 'code/parsed', candidateId, languageId, ...reading, durationMs });
      read.push(withReading(entry, reading));
    }
  }
  for (const reason of reasons) {
    await say(`Code was not parsed, because ${reason}: it is beside code that parses.`);
  }
  return read.sort(compareCodeGroups);
}

function withReading(entry: CodeGroup, { errorCount, firstError }: CodeReading): CodeGroup {
  if (errorCount === 0) return entry;
  const place =
    firstError === null ? '' : `: the first error is in line ${firstError.line}, column ${firstError.column}`;
  const failure = { sentence: `The program does not parse${place}.`, output: '' };
  return { ...entry, isBroken: true, failure };
}
