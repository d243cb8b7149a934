import { createHash } from 'node:crypto';
import type { Attachment } from '../../../protocol/attachment.ts';
import { generatedTokenCount } from '../../../protocol/budget.ts';
import { CodedError } from '../../../protocol/codedError.ts';
import { mergeChoices } from '../../../protocol/reasoningOptions.ts';
import { editAnswerTokens } from '../../../sidecar/edits/contextFit.ts';
import { chatMessages } from '../../../sidecar/prompts/chatPrompt.ts';
import { runRequest } from '../../../sidecar/reasoning/run/requestRunner.ts';
import { sinkTo } from '../../../sidecar/request/eventChannel.ts';
import { sequenceOptionsFor } from '../../../sidecar/request/sequenceOptions.ts';
import { Steering } from '../../../sidecar/request/steering.ts';
import { readingOfChange } from '../../../sidecar/verify/addedSyntaxError.ts';
import type { CodeParser } from '../../../sidecar/verify/codeParser.ts';
import { type Answerer, bare } from '../reasoning/answerAttempt.ts';
import { repairWordsOf } from '../reasoning/revision.ts';
import type { EditAnswer } from './editAnswers.ts';
import type { EditCase } from './editCase.ts';
import { type EditWay, withCode } from './editWays.ts';

/** Tokens of an answer at most, whatever it is given. */
const mostAnswerTokens = 2048;
/** Cells of a question and its answer. */
export const cellsOfEdit = 4096;
/**
 * Of the request. Of a greedy answer it decides nothing; edits side by side differ from one alone by rounding at most, and sampled
 * ones by that.
 */
const seed = 1;
/** A change that alters answers where the prompt stays as it is raises it. */
const askVersion = 1;

/**
 * Has the model edit through the product's own request path, as it answers a question about attached code. Throws what the
 * request throws, and `cancelled`.
 */
export async function askEdit(
  answerer: Answerer,
  { way, edit }: { readonly way: EditWay; readonly edit: EditCase },
  signal: AbortSignal,
): Promise<EditAnswer> {
  const asked = way.ask(edit);
  const parser = answerer.codeParser;
  // As the product does: the whole file is read, with a candidate's code in it, less the errors that it has without.
  const { language: languageId, text: before } = edit;
  const codeParser: CodeParser | null = parser && {
    read: ({ text }) => readingOfChange(parser, { languageId, before, after: withCode(way, edit, text) }),
  };
  const { text, reason, ledger } = await runRequest(
    {
      ...way.row.request,
      ...asked,
      requestId: `edits/${way.name}/${edit.id}`,
      written: 'lines',
      seed,
      choices: mergeChoices(way.row.request.choices, {
        budget: { answerTokensPerCandidate: answerTokensFor(asked.attachment) },
      }),
      sequenceOptions: sequenceOptionsFor('background', 'edit', undefined),
    },
    { ...answerer, ...bare, codeParser, fast: null, steering: new Steering(), traces: null },
    { events: sinkTo(() => undefined), signal },
  );
  if (reason === 'cancelled')
    throw new CodedError('cancelled', 'The run was stopped; its answers are kept.', 'Run it again to go on.');
  return {
    revision: promptRevision(way, edit),
    way: way.name,
    id: edit.id,
    text,
    reason,
    promptTokens: ledger.tokens.prompt,
    generatedTokens: generatedTokenCount(ledger),
    durationMs: ledger.durationMs,
  };
}

/** Names what decides an answer besides the model: an answer of another revision is asked for again. Pure. */
export function promptRevision(way: EditWay, edit: EditCase): string {
  const { question, attachment } = way.ask(edit);
  const messages = chatMessages(question, attachment, 'direct');
  const { key, request } = way.row;
  const search = request.strategy === 'direct' ? [] : [key, repairWordsOf('lines')];
  const value = JSON.stringify([askVersion, answerTokensFor(attachment), messages, ...search]);
  return createHash('sha256').update(value).digest('hex').slice(0, 16);
}

function answerTokensFor({ text }: Attachment): number {
  return Math.min(mostAnswerTokens, editAnswerTokens(text));
}
