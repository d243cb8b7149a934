/** Text escaped for a place between two tags of HTML or SVG. Not for attributes. Pure. */
export function escapeMarkup(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
