import type { History } from './history.ts';

/** How a store of either engine is questioned while it is looked at from outside: nothing is opened or migrated. */
export interface EngineProbe {
  ask(sql: string): Promise<Record<string, unknown>[]>;
  history: History;
  /** Name and version, such as `SQLite 3.51.0`. */
  engineVersion: string;
  sizeBytes: number;
}
