/** What a store calls a cluster while no discovery was allowed to learn its name; answers leave it out. */
export const UNNAMED_CLUSTER = 'unnamed';
