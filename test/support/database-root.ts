import { resolve } from 'node:path';

/** The checkout's folder. */
export const packageRoot = resolve(import.meta.dirname, '../..');
