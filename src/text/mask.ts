import { visibleText } from './clean.ts';
import { BLOCK_FORMS, SECRET_FORMS } from './secret-forms.ts';
import { COMMAND_FORMS, PHRASE_FORMS } from './secret-phrases.ts';
import { URL_FORMS } from './secret-urls.ts';
import { isCommandPath, isSecretPath } from './secret-words.ts';

/** Stands where a secret was. */
export const SECRET = '(secret)';
/** Stands where a secret was that is another one than before. */
export const SECRET_CHANGED = '(secret changed)';

/** What takes a secret's place. */
export type Replace = (secret: string) => string;

/** A secret that was taken out before it was stored: what is left tells one from another, and nothing else. */
const SEALED = /\(secret~[0-9a-f]{4}\)/g;
/** What stands in a secret's place begins so; and a setting that is about to be deleted holds none. */
const TAKEN = /^\((?:secret(?:\)|~[0-9a-f]{4}\)| changed\)|$)|deleted\)$)/;

/** What a text must hold somewhere to hold a secret at all. Most texts are names, numbers and volumes. */
const MAY_HOLD =
  /pass|pw|psk|kenn|losung|secret|token|key|cred|zugang|mot[ _-]de|mdp|contrase|palavra|wachtw|senord|passord|adgang|kode|salasana|has[łl]o|heslo|jelsz|ifre|clave|senha|parol|bearer|basic|auth|cookie|code|community|seed|pin|mnemonic|sshpass|-u\s|--user|chpasswd|ident|machine|[^ -~\s]|[@$?&]|[A-Za-z0-9+/_.-]{16}/i;

/**
 * The text without the secrets in it: what looks like one by its form, by the words before it, or by where it stands in
 * an address. Mask first, then cut: what is cut may no longer look like one. Masking twice changes nothing. Linear in
 * the text's length. `command` says that it is a command line or an environment, where more names are those of secrets.
 */
export function maskText(text: string, replace: Replace = () => SECRET, { command = false } = {}): string {
  if (!command && !MAY_HOLD.test(text)) return text;
  let masked = text.replace(SEALED, replace);
  const forms = command ? [...BLOCK_FORMS, ...COMMAND_FORMS, ...LATER_FORMS] : ALL_FORMS;
  for (const form of forms)
    masked = masked.replace(form, (whole: string, kept: string, secret: string) =>
      TAKEN.test(secret) ? whole : `${kept}${replace(secret)}`,
    );
  return masked;
}

const LATER_FORMS = [...PHRASE_FORMS, ...URL_FORMS, ...SECRET_FORMS];
const ALL_FORMS = [...BLOCK_FORMS, ...LATER_FORMS];

/**
 * Any value without the secrets in it, by the path of dotted names at which it stands and by its text. An object that
 * names a setting in `key` (a row of PVE's pending list) is judged by that name.
 */
export function maskValue(path: string, value: unknown, replace: Replace = () => SECRET): unknown {
  if (value === null || value === undefined) return value;
  if (typeof value === 'object') return maskObject(path, value, replace);
  if (typeof value === 'boolean' || value === '') return value;
  if (isSecretPath(path)) {
    const text = String(value);
    return TAKEN.test(text) ? text.replace(SEALED, replace) : replace(text);
  }
  return typeof value === 'string' ? maskSeen(value, replace, { command: isCommandPath(path) }) : value;
}

/** Most values: too short for a token, and with nothing in it that could name a secret. */
const SHORT_WORD = /^[\w.-]{0,15}$/;

/** The same object where nothing in it is a secret. */
function maskObject(path: string, value: object, replace: Replace): unknown {
  const named = 'key' in value && typeof value.key === 'string' ? value.key : null;
  let changed = false;
  const entries = Object.entries(value).map(([name, child]): [string, unknown] => {
    const at = named !== null && (name === 'value' || name === 'pending') ? named : name;
    const next = maskValue(Array.isArray(value) ? path : path === '' ? at : `${path}.${at}`, child, replace);
    changed ||= next !== child;
    return [name, next];
  });
  if (!changed) return value;
  return Array.isArray(value) ? entries.map(([, child]) => child) : Object.fromEntries(entries);
}

/** What is not seen may stand within a word that names a secret: such a text is judged as its reader sees it. */
function maskSeen(text: string, replace: Replace, options: { command: boolean }): string {
  if (SHORT_WORD.test(text)) return text;
  const masked = maskText(text, replace, options);
  const seen = visibleText(masked);
  if (seen === masked) return masked;
  const again = maskText(seen, replace, options);
  return again === seen ? masked : again;
}
