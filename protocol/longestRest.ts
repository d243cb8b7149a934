/** UTF-16 units of the rest of a line that a completion takes the place of, or that an editor has added after a cursor, at most. */
export const longestRest = 120;
