/** Longest rest of a line, in UTF-16 units, that a completion replaces or that an editor may have added after the cursor. */
export const longestRest = 120;
