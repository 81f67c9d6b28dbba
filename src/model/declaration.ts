import type { JsonValue } from './state.ts';

/** The resources a rule is about: a named one, or those that meet every condition given. */
export interface Selector {
  /** `vm/101`, `container/200`, `storage/local`. */
  resource?: string;
  type?: DeclarableType;
  /** With `*` a pattern for the whole name, otherwise the name itself. Case is ignored. */
  name?: string;
  tag?: string;
  pool?: string;
  node?: string;
}

/** The types of resource about which something may be declared. */
export const DECLARABLE_TYPES = ['vm', 'container', 'storage'] as const;
/** One of `DECLARABLE_TYPES`. */
export type DeclarableType = (typeof DECLARABLE_TYPES)[number];

/**
 * Declared values by field: `config.memory`, `config.net0.tag`, `tags`, `pool`, `enabled`. Null declares that the key is absent.
 * `tags+` and `tags-` name members that a list must and must not have, whatever else it contains.
 */
export type DeclaredFields = { [path: string]: JsonValue };

/** Declares values for fields of some resources. A rule owns those fields and no other. */
export interface Rule {
  /** The selector in words, such as `vm/101` or `tag=prod type=vm`: a declaration has one rule per selector. */
  id: string;
  match: Selector;
  fields: DeclaredFields;
  /** The revision that declared each field's value. */
  since: { [path: string]: number };
}

/** One value of one field that is accepted although another is declared, or a check whose findings are accepted. */
export interface Exception {
  /** For a check, its resource may be any that findings are about: `node/pve3`, `cluster`. */
  match: Selector;
  /** A field's path, or `check`, with a check's name as the value. */
  path: string;
  value: JsonValue;
  owner: string;
  /** The last moment at which it holds (ms). */
  until: number;
  why: string | null;
}

/** The path of an exception that accepts a check's findings. */
export const CHECK_PATH = 'check';

/** All rules, ordered by id, and all exceptions. */
export interface Declaration {
  rules: Rule[];
  exceptions: Exception[];
}

/** A declaration that is, or was, in force. */
export interface RevisionEntity {
  /** 1 for the first revision, then counting up. */
  number: number;
  /** When it came into force (ms, in the cluster's time). */
  at: number;
  author: string;
  why: string | null;
  /** `store` if it was written by `declare_state`, `file` if read from the declared file. */
  source: 'store' | 'file';
  content: Declaration;
  /** SHA-256 of its canonical content, in hexadecimal. */
  hash: string;
}

/** A revision without its number. */
export type NewRevision = Omit<RevisionEntity, 'number'>;
