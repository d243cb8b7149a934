/** Where the HTML view of a trace lies when nobody chose a place: beside it, so that both are removed together. */
export function viewPathOf(tracePath: string): string {
  return tracePath.replace(/\.jsonl$/, '.html');
}
