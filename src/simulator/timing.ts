/** A second in milliseconds. */
export const second = 1000;
/** A minute in milliseconds. */
export const minute = 60 * second;
/** An hour in milliseconds. */
export const hour = 60 * minute;
/** A day in milliseconds. */
export const day = 24 * hour;

/** Rows of `/cluster/resources` are filled every ten seconds, as pvestatd does. Milliseconds. */
export const beatMs = 10 * second;

/** Numbers of a node that died or a storage that was lost stay visible this long, as in PVE's rrd cache. Milliseconds. */
export const staleAfterMs = 5 * minute;
