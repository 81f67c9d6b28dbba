/** The note with the generation of secrets that everything in the store was searched for. */
export const SEALS_NOTE = 'store: generation of seals';
/** Increment this whenever src/text learns to recognise more secrets: stored data is then searched again. */
export const NEWEST_SEALS = '5';
