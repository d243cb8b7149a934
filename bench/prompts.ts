import type { Model, TokenId } from '../sidecar/engine/engine.ts';

/** Text that any model goes on with for hundreds of tokens. */
export const countingText = 'Count upwards, one number a line.\n1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n';

export const storyQuestion =
  'Write a long, detailed story about a lighthouse keeper who learns to repair clocks. Do not stop early.';

/** A file to be edited: long enough that printing it again is most of the work. */
const ledgerModule = `from dataclasses import dataclass


@dataclass
class Entry:
    account: str
    amount: int
    note: str


def parse_line(line):
    account, amount, note = line.split(",", 2)
    return Entry(account.strip(), int(amount), note.strip())


def load_entries(path):
    entries = []
    with open(path) as lines:
        for line in lines:
            if not line.strip():
                continue
            entries.append(parse_line(line))
    return entries


def total_by_account(entries):
    totals = {}
    for entry in entries:
        totals.setdefault(entry.account, 0)
        totals[entry.account] += entry.amount
    return totals


def print_report(path):
    totals = total_by_account(load_entries(path))
    for account in sorted(totals):
        print(f"{account}: {totals[account]}")
`;

/** Asks for the whole file again with one name changed: nearly every token of the answer stands in the prompt. */
export const rewriteQuestion = `Rename the function total_by_account to sum_by_account everywhere in this file. Reply with the whole changed file and nothing else.

\`\`\`python
${ledgerModule}\`\`\``;

/** Tokens of a chat turn with this question. */
export async function chatTokens(model: Model, question: string): Promise<readonly TokenId[]> {
  const prompt = await model.renderChat([{ role: 'user', content: question }]);
  return model.tokenize(prompt, { special: true });
}

/**
 * A prompt of exactly `count` tokens that shares no beginning with one of another `variant`, so that nothing of it
 * can be cached.
 */
export async function coldPrompt(model: Model, count: number, variant: number): Promise<readonly TokenId[]> {
  const text = await model.tokenize(`${variant}. ${ledgerModule}`, { special: false });
  return Array.from({ length: count }, (_, index) => text[index % text.length] ?? 0);
}
