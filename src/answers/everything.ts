import type { Wanted } from './resource/parts.ts';

/** Everything there is to read of a resource, as it is now. */
export const EVERYTHING: Wanted = { has: () => true, rows: 5, moment: null };
