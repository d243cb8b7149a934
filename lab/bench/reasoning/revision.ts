import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { ChatMessage } from '../../../sidecar/engine/engine.ts';
import { answerCue, chatMessages, continueCue, firstStepCue } from '../../../sidecar/prompts/chatPrompt.ts';
import { renderChatTokens } from '../../../sidecar/prompts/chatTokens.ts';
import { repairMessages, type WrittenPart } from '../../../sidecar/prompts/repairPrompt.ts';
import { profilesFor } from '../../../sidecar/reasoning/difficulty/autoTable.ts';
import { probePath } from '../../../sidecar/reasoning/difficulty/probe.ts';
import { minP } from '../../../sidecar/reasoning/run/requestRunner.ts';
import { criticMessages } from '../../../sidecar/reasoning/search/firstError.ts';
import { likelyLead } from '../../../sidecar/reasoning/selection/consensus.ts';
import { checkMessages } from '../../../sidecar/reasoning/selection/contextCheck.ts';
import { judgeMessages, verdictGrammar } from '../../../sidecar/reasoning/selection/judgePrompt.ts';
import { judgeOf } from '../../../sidecar/request/difficultyEstimator.ts';
import { codeTaskVersion } from '../tasks/codeTask.ts';
import type { Answerer } from './answerAttempt.ts';
import { parseStrategyRow, type RowRequest } from './strategyRow.ts';

/**
 * Names what decides answers beside a row's own parameters, so that what was answered under another prompt or cue counts as
 * outdated; of adaptive rows also under another probe or another table, of votes that a likely lead ends under another rule,
 * of rows whose answers or steps the model judges when it is asked otherwise to, of programs also when they are asked for,
 * tried or tested otherwise. Answers to questions are graded anew whenever they are read; how they are read off texts is in
 * `rawVersion`.
 */
export async function revisionsOf(
  { model, estimator, tables }: Answerer,
  { probeFolders, hasPrograms }: { readonly probeFolders: readonly string[]; readonly hasPrograms: boolean },
): Promise<(rowKey: string) => string> {
  const prompts = await Promise.all(
    (['direct', 'stepByStep'] as const).map((style) =>
      renderChatTokens(model, chatMessages('?', null, style), new AbortController().signal),
    ),
  );
  const ofPrograms = hasPrograms ? [codeTaskVersion] : [];
  const texts = [...prompts.map((prompt) => prompt.text), answerCue, continueCue, minP, ...ofPrograms];
  const probes = await Promise.all(
    probeFolders.map((folder) => readFile(probePath(folder, model.info), 'base64').catch(() => null)),
  );
  const profiles = profilesFor(tables, model.info.identity.hash, judgeOf(estimator));
  const plain = hashOf(texts);
  const withFirstStep = hashOf([texts, firstStepCue]);
  const adaptive = hashOf([texts, firstStepCue, profiles, probes.find((probe) => probe !== null) ?? null]);
  return (rowKey) => {
    const { request } = parseStrategyRow(rowKey);
    const revision =
      request.strategy === 'auto' ? adaptive : request.choices.skipPreamble === true ? withFirstStep : plain;
    const rules = [
      ...(request.choices.earlyStopping?.consensus === 'likely' ? [likelyLead] : []),
      ...verdictsAskedBy(request),
    ];
    return rules.length === 0 ? revision : hashOf([revision, ...rules]);
  };
}

/** The words by which what candidates write is to be corrected. */
export function repairWordsOf(written: WrittenPart): readonly ChatMessage[] {
  return repairMessages([], { text: '', languageId: '', failure: { sentence: '?', output: '?' } }, written);
}

/** The words by which a row has the model judge or repair what it wrote. */
function verdictsAskedBy({ strategy, choices: { selector } }: RowRequest): readonly unknown[] {
  const checks = strategy === 'verifyByContext' || selector === 'contextCheck';
  return [
    ...(checks ? [checkMessages('?', '')] : []),
    ...(selector === 'checklistJudge' ? [judgeMessages('?', ['', '']), verdictGrammar(2)] : []),
    ...(strategy === 'refineFirstError' ? [criticMessages('?', [''])] : []),
    ...(strategy === 'directBestOfN' ? [repairWordsOf('program')] : []),
  ];
}

function hashOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);
}
