/** A store's name for a cluster whose name no discovery was allowed to read; answers leave it out. */
export const UNNAMED_CLUSTER = 'unnamed';
