/** Most characters read of a text; answers show fewer. */
export const TEXT_AT_MOST = 9_000;
/** Most characters read of all rows together; answers hold fewer. */
export const ROWS_AT_MOST = 200_000;
