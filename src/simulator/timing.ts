/** A second in milliseconds. */
export const second = 1000;
/** A minute in milliseconds. */
export const minute = 60 * second;
/** An hour in milliseconds. */
export const hour = 60 * minute;
/** A day in milliseconds. */
export const day = 24 * hour;

/** Rows of `/cluster/resources` are updated every ten seconds, as by pvestatd. Milliseconds. */
export const beatMs = 10 * second;

/** How long the numbers of a dead node or a lost storage stay visible, as in PVE's rrd cache. Milliseconds. */
export const staleAfterMs = 5 * minute;
