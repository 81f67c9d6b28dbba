/** The note that tells which generation of secrets everything in the store was searched for. */
export const SEALS_NOTE = 'store: generation of seals';
/** To be raised whenever src/text learns to know more secrets: what is stored then is gone through once more. */
export const NEWEST_SEALS = '3';
