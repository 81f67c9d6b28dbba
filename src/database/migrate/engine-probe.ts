import type { History } from './history.ts';

/** A way to query a store of either engine from outside: nothing is opened or migrated. */
export interface EngineProbe {
  ask(sql: string): Promise<Record<string, unknown>[]>;
  history: History;
  /** Name and version, such as `SQLite 3.51.0`. */
  engineVersion: string;
  sizeBytes: number;
}
