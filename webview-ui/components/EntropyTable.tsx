import type { CandidateState } from '../../protocol/traceState.ts';
import { doubtNats } from '../../protocol/tokenColumns.ts';
import { summariseEntropy } from '../charts/entropySeries.ts';
import { formatCount, formatPercent } from '../charts/numberFormat.ts';
import { visibleText } from '../charts/tokenFacts.ts';
import { statusWords } from '../state/panelWords.ts';

/** The entropy chart as figures, for readers who do not see a canvas and for copying. */
export function EntropyTable({ candidates }: { readonly candidates: readonly CandidateState[] }) {
  return (
    <details class="as-table">
      <summary>Entropy as a table</summary>
      <div class="table-scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">Candidate</th>
              <th scope="col">State</th>
              <th scope="col">Tokens</th>
              <th scope="col">Mean, nats</th>
              <th scope="col">Highest, nats</th>
              <th scope="col">at token</th>
              <th scope="col">In doubt</th>
            </tr>
          </thead>
          <tbody>
            {candidates.map((candidate) => {
              const summary = summariseEntropy(doubtNats(candidate.tokens));
              const at = summary.highestAtToken;
              return (
                <tr key={candidate.id}>
                  <th scope="row">#{candidate.id + 1}</th>
                  <td>{statusWords[candidate.status].name}</td>
                  <td>{formatCount(summary.tokenCount)}</td>
                  <td>{summary.meanNats?.toFixed(2) ?? '–'}</td>
                  <td>{summary.highestNats?.toFixed(2) ?? '–'}</td>
                  <td>
                    {at === null ? (
                      '–'
                    ) : (
                      <>
                        {formatCount(at + 1)} <code>{visibleText(candidate.tokens.texts[at] ?? '')}</code>
                      </>
                    )}
                  </td>
                  <td>{summary.doubtfulShare === null ? '–' : formatPercent(summary.doubtfulShare)}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      <p class="note">
        In doubt: drawn from as much doubt as a fair choice of two, 0.69 nats, or more.
        {candidates.some(({ tokens }) => tokens.entropyUpperNats !== undefined)
          ? ' The server gave bounds of each entropy; the figures are of the lower ones.'
          : null}
      </p>
    </details>
  );
}
