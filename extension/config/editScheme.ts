/** Scheme of documents that show what a document would be. Nobody can write to them. */
export const editScheme = 'entropane-edit';
