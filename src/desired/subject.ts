import type { DeclarableType } from '../model/declaration.ts';
import type { Reason } from '../model/reason.ts';
import type { GuestConfig, JsonObject, JsonValue } from '../model/state.ts';

/** Since when (ms, null for never) and why nobody knows how something is at present. */
export interface Unknown {
  since: number | null;
  /** A guest's configuration was never read, or the last look at a resource did not tell one field of it. */
  reason: Reason | { code: 'config-unread' } | { code: 'field-untold' };
}

/** One resource of which something may be declared, as it was last known. */
export interface Subject {
  /** `vm/101`. */
  resource: string;
  type: DeclarableType;
  name: string | null;
  /** Where it stands; null of storages. */
  node: string | null;
  pool: string | null;
  tags: readonly string[];
  incarnation: number;
  template: boolean;
  /** Why this is not the present; null where it is. */
  unknown: Unknown | null;
  /** Single fields of which that is so, by path. */
  unknownFields: { readonly [path: string]: Unknown };
  /** Its fields apart from a guest's configuration, by path; absent ones are left out. */
  own: { readonly [path: string]: JsonValue };
  /** A guest's configuration; null where it was never read. Empty of storages. */
  config: GuestConfig | null;
  /** What waits for a restart; null where nothing has told that. */
  pending: JsonObject | null;
}
