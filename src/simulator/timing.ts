/** Rows of `/cluster/resources` are filled every ten seconds, as pvestatd does. Milliseconds. */
export const beatMs = 10_000;

/** Numbers of a node that died or a storage that was lost stay visible this long, as in PVE's rrd cache. Milliseconds. */
export const staleAfterMs = 300_000;
