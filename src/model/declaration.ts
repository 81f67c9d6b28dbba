import type { JsonValue } from './state.ts';

/** Which resources a rule is about: a named one, or those that fit every condition given. */
export interface Selector {
  /** `vm/101`, `container/200`, `storage/local`. */
  resource?: string;
  type?: DeclarableType;
  /** A pattern of the whole name where it holds `*`, else the name itself. Case is ignored. */
  name?: string;
  tag?: string;
  pool?: string;
  node?: string;
}

/** The kinds of resource of which something may be declared. */
export const DECLARABLE_TYPES = ['vm', 'container', 'storage'] as const;
/** One of `DECLARABLE_TYPES`. */
export type DeclarableType = (typeof DECLARABLE_TYPES)[number];

/**
 * Declared values by field: `config.memory`, `config.net0.tag`, `tags`, `pool`, `enabled`. Null declares that the key is
 * absent. `tags+` and `tags-` hold the members that a list shall have and shall not have, whatever else is in it.
 */
export type DeclaredFields = { [path: string]: JsonValue };

/** Which resources have which values in which fields. It owns those fields and no other. */
export interface Rule {
  /** The selector in words, such as `vm/101` or `tag=prod type=vm`: a declaration has one rule of each selector. */
  id: string;
  match: Selector;
  fields: DeclaredFields;
  /** The revision that declared each field's value. */
  since: { [path: string]: number };
}

/** One value of one field that is accepted although another one is declared, or what a check finds. */
export interface Exception {
  /** Of a check, its resource may be any that findings are about: `node/pve3`, `cluster`. */
  match: Selector;
  /** A field's, or `check`: then the value is a check's name. */
  path: string;
  value: JsonValue;
  owner: string;
  /** The last moment at which it holds (ms). */
  until: number;
  why: string | null;
}

/** The path of an exception that accepts what a check of `check_health` finds. */
export const CHECK_PATH = 'check';

/** All rules, in the order of their ids, and exceptions. */
export interface Declaration {
  rules: Rule[];
  exceptions: Exception[];
}

/** A declaration that is, or was, in force. */
export interface RevisionEntity {
  /** 1 for the first, one more for each that follows. */
  number: number;
  /** When it came into force (ms, in the cluster's time). */
  at: number;
  author: string;
  why: string | null;
  /** `store` where `declare_state` wrote it, `file` where the declared file was read. */
  source: 'store' | 'file';
  content: Declaration;
  /** SHA-256 of its content in canonical form, in hexadecimal digits. */
  hash: string;
}

/** A revision before it has its number. */
export type NewRevision = Omit<RevisionEntity, 'number'>;
