/** So much of a text is read: answers show less of it (characters). */
export const TEXT_AT_MOST = 9_000;
/** Rows are read until they are so long together: answers hold less (characters). */
export const ROWS_AT_MOST = 200_000;
