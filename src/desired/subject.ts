import type { DeclarableType } from '../model/declaration.ts';
import type { Reason } from '../model/reason.ts';
import type { GuestConfig, JsonObject, JsonValue } from '../model/state.ts';

/** Since when (ms, null for never) and why the present state is not known. */
export interface Unknown {
  since: number | null;
  /** `config-unread`: a guest's configuration was never read. `field-not-reported`: the last look did not show this field. */
  reason: Reason | { code: 'config-unread' } | { code: 'field-not-reported' };
}

/** A resource about which something may be declared, as last known. */
export interface Subject {
  /** `vm/101`. */
  resource: string;
  type: DeclarableType;
  name: string | null;
  /** The guest's node; null for storages. */
  node: string | null;
  pool: string | null;
  tags: readonly string[];
  incarnation: number;
  template: boolean;
  /** Why this is not the present state; null where it is. */
  unknown: Unknown | null;
  /** Single fields whose present value is not known, by path. */
  unknownFields: { readonly [path: string]: Unknown };
  /** Its fields outside a guest's configuration, by path; absent ones are left out. */
  own: { readonly [path: string]: JsonValue };
  /** A guest's configuration; null where it was never read. Empty for storages. */
  config: GuestConfig | null;
  /** Pending changes; null where they are not known. */
  pending: JsonObject | null;
}
