import { carryBack, type Replace } from './carry-back.ts';
import { oneLine, visibleText } from './clean.ts';
import { readingOf } from './disguise.ts';
import { fold, matches, replaceSecond } from './fold.ts';
import { withoutMadeNames } from './made-names.ts';
import { AS, AS_FORMS, NAMED_AFTER_FORMS } from './secret-after.ts';
import { BARE_FORMS, NAMED_BARE_FORMS } from './secret-bare.ts';
import { COMMAND_FORMS, QUOTED_COMMAND_FORMS } from './secret-commands.ts';
import { maskEncoded } from './secret-encoded.ts';
import { FILE_FORMS } from './secret-files.ts';
import { BLOCK_FORMS, SECRET_FORMS, WORD_FORMS } from './secret-forms.ts';
import { KEPT, KEPT_FORMS, PAIR_FORMS, PAIRS } from './secret-pairs.ts';
import { MARKUP_FORMS, NAMED_FORMS, PHRASE_FORMS } from './secret-phrases.ts';
import { maskSections } from './secret-sections.ts';
import { maskTables } from './secret-tables.ts';
import { GO, GO_FORMS, URL_FORMS } from './secret-urls.ts';
import { kindOf, SECRET_NAME } from './secret-words.ts';

/** Replaces a secret. */
export const SECRET = '(secret)';
/** Replaces a secret that differs from the one before. */
export const SECRET_CHANGED = '(secret changed)';

/** A secret that was replaced before it was stored: the seal tells one from another, and nothing else. */
const SEALED = /\(secret~[0-9a-f]{4}\)/g;
/** Replaced already, or a setting that is about to be deleted, which holds no secret. */
const TAKEN = /^\((?:secret(?:\)|~[0-9a-f]{4}\)| changed\)|$)|deleted\)$)/;

/** What every text with a secret contains somewhere. Most texts are names, numbers and volumes, and are ruled out here. */
const MAY_HOLD = new RegExp(
  [
    // Words that name a secret or a login.
    'p[a@4*]|paß|ssw|ps?w|p\\*|psk|kenn|losung|[s5][e3]cr|t[o0]k|key|cred|zugang|mot[ _-]de|mdp|contrase|palavra|wachtw|senord|passord|adgang|kode|salas|has[łl]o|heslo|jelsz|ifre|clave|senha|parol|geslo|lozink|zapork|slapta|pasahitza|kata|nenosiri|wagwoord',
    'login|puk|root|admin|anmeld|ident|otp|2fa|mfa|luks|alarm|tresor|safe|door|gate|community|p\\/w|p\\.w|console|konsole|ipmi|bmc|ilo|drac|apc|jsess|phpsess|w-?lan|wi-?fi|ssid|bearer|basic|auth|cookie|code|seed|pin|ombina|nlock|sperr|mnemonic|machine',
    // Programs that take one.
    '\\s-[pPwUakAXycuhbENl]|\\/p:|--user|u(?:ser(?:name)?)?\\s?[:=]|user\\s|sshpass|chpasswd|eap|xauth|monitor|ssh|mc alias|psexec|net use|:\\d{3,5}:|data:|sql|crypt|cert|\\*:',
    // Anything encoded, quoted, an address or not ASCII, and whatever has the form of a token.
    '[^ -~\\s]|[@$?&"\'`{<%\\\\]|[pts][ ._-][aoe][ ._-]|(?:[\\da-f]{2}[ :]){8}|0x[\\da-f]{2}|:\\s\\S{1,60}\\s?[\\/|]\\s?\\w{0,60}\\d|[A-Za-z0-9+/_.-]{16}',
  ].join('|'),
  'i',
);

/**
 * The text without its secrets, which are known by their form, by the words before them or by their place in an address. Mask
 * before cutting: half a secret may not be recognizable. Masking twice changes nothing. Linear in the text's length; a text longer
 * than any that is kept or told counts as one secret. With `command` the text is a command line or an environment, where more
 * names mean a secret.
 */
export function maskText(text: string, replace: Replace = () => SECRET, { command = false } = {}): string {
  if (text.length > LONGEST) return replace(text);
  if (!command && (!MAY_HOLD.test(text) || harmless.has(text) || !MAY_HOLD.test(withoutMadeNames(text))))
    return text;
  let found = false;
  const noted = (secret: string) => {
    found = true;
    return replace(secret);
  };
  const masked = maskWhole(text.replace(SEALED, noted), noted, command, NESTED_AT_MOST);
  if (!found && !command && masked === text) remember(text);
  return masked;
}

/** Texts in which nothing was found, whatever would have replaced it: a cluster says the same at every look. */
const harmless = new Set<string>();
/** Bounded, should somebody make up endless texts: at most a megabyte. */
const REMEMBERED = { texts: 4_000, length: 128 };

function remember(text: string): void {
  if (text.length > REMEMBERED.length) return;
  if (harmless.size >= REMEMBERED.texts) harmless.clear();
  harmless.add(text);
}

/** The most characters that are looked through: 16 million exhaust V8's stack for one pattern, and 4 million take it seconds. */
const LONGEST = 2 ** 20;

/** How deeply encoded texts inside encoded texts are examined. */
const NESTED_AT_MOST = 3;

/** Masks the text itself and each decoded reading of it. */
function maskWhole(text: string, replace: Replace, command: boolean, depth: number): string {
  const mask = (read: string, instead: Replace) => maskReading(read, instead, command, depth);
  let masked = mask(text, replace);
  for (let round = 0; ; round++) {
    const reading = readingOf(masked, round);
    if (reading === null) return masked;
    if (reading.text !== masked) masked = carryBack(masked, reading, mask, replace);
  }
}

function maskReading(text: string, replace: Replace, command: boolean, depth: number): string {
  const taken = (secret: string) => (TAKEN.test(secret) ? secret : replace(secret));
  const masked = maskSections(maskPlain(maskTables(text, taken), taken, command), taken);
  if (depth === 0) return masked;
  const holds = (decoded: string) => maskWhole(decoded, () => SECRET, command, depth - 1) !== decoded;
  return maskEncoded(masked, holds, taken);
}

/** The text as its reader sees it, on a single line and without secrets: those only its lines reveal, and those of the whole. */
export function maskedLine(text: string, replace?: Replace): string {
  const seen = visibleText(text);
  const masked = maskText(seen, replace);
  return seen.includes('\n') ? maskText(masked.replaceAll('\n', ' '), replace) : masked;
}

/**
 * The lines of one text as their reader sees them, without secrets. They are masked together: a key's lines, or the line below
 * `Password:`, would look harmless on their own.
 */
export function maskLines(lines: readonly string[]): string[] {
  const text = lines.map(oneLine).join('\n');
  return maskText(text, secret => SECRET + '\n'.repeat(secret.split('\n').length - 1)).split('\n');
}

/** Masks what the text contains as it is. */
function maskPlain(text: string, taken: Replace, command: boolean): string {
  let masked = text;
  let folded = fold(text);
  for (const form of ONE_WORD.test(text) ? WORD_FORMS : formsFor(text, command)) {
    const next = replaceSecond(masked, folded, form, taken);
    if (next === masked) continue;
    masked = next;
    folded = fold(next);
  }
  return masked;
}

/** Names and UUIDs: without a sign, a quote or a blank, nothing in the text can name what follows. */
const ONE_WORD = /^[\w.-]*$/;

function formsFor(text: string, command: boolean): readonly RegExp[] {
  const named = matches(NAMED, text);
  return [
    ...BLOCK_FORMS,
    ...(command ? COMMAND_FORMS : []),
    ...PHRASE_FORMS,
    ...(named && AS.test(text) ? AS_FORMS : []),
    ...(named ? NAMED_AFTER_FORMS : []),
    ...(named && text.includes('<') ? MARKUP_FORMS : []),
    ...(named ? NAMED_FORMS : []),
    ...(PROGRAMS.test(text) ? PROGRAM_FORMS : []),
    ...(PAIRS.test(text) ? PAIR_FORMS : []),
    ...(KEPT.test(text) ? KEPT_FORMS : []),
    ...(text.includes('@') ? URL_FORMS : []),
    ...(GO.test(text) ? GO_FORMS : []),
    ...SECRET_FORMS,
    ...(named ? NAMED_BARE_FORMS : []),
    ...BARE_FORMS,
  ];
}

/** Most texts name no secret, so the patterns that need such a name can be skipped. */
const NAMED = new RegExp(SECRET_NAME, 'iu');
const PROGRAM_FORMS = [...QUOTED_COMMAND_FORMS, ...FILE_FORMS];
/** A text without any of these contains no command and no line of a file that holds a program's secrets. */
const PROGRAMS =
  /login\s|user(?:name)?[\s=]|identified|-u|sshpass|mysql|mariadb|redis|chpasswd|ipmi|sqlcmd|mosquitto|zip|impacket|7z|rar|ldap|smb|rpcclient|net\s|freerdp|mongo|influx|cqlsh|putty|plink|ps(?:cp|ftp|exec)|rdesktop|vnc|spice|ncftp|kinit|openssl|echo|printf|rootpw|WIFI|,data=|snmp|nsupdate|dig\s|htpasswd|<<<|mc\s|wmic|win(?:exe|rm)|mapexec|nxc|schtasks|sshuttle|mstsc|guest|:(?:\d{3,5}|\*):[^\s:]{1,63}:[^\s:]{1,63}:[^\s:]|^"|\n"|requirepass|masterauth|AUTH|PSK|EAP|NTLM|PIN|PKCS12|RSA|sql|bcp|ssh-keygen|rabbit|conn|\.auth\(|setcookie|cert|cookie|from-literal|priv\s|ENC\s|curl|lftp|veracrypt|racadm|ups|fence|qpdf|default_pass|\]:?\d*\s|:[\da-f]{32}|\s-[ulU]|\*\s|\s\d{1,3}(?:\.\d{1,3}){3}\s{0,9}$|community|MONITOR|\/[\w-]{0,40}passw|_password\s|VAULT/i;

/**
 * Any value without its secrets, judged by its path of dotted names and by its text; returned unchanged if it holds none. An
 * object that names a setting in `key` (a row of PVE's pending list) is judged by that name. Anything nested deeper than answers
 * are read counts as one secret.
 */
export function maskValue(path: string, value: unknown, replace: Replace = () => SECRET): unknown {
  return maskWithin(path, value, replace, 0);
}

/** The deepest nesting that the reader of answers accepts (proxmox/read-value.ts). */
const DEEPEST = 100;

function maskWithin(path: string, value: unknown, replace: Replace, depth: number): unknown {
  if (value === null || value === undefined || typeof value === 'boolean' || value === '') return value;
  if (typeof value === 'object') {
    if (depth === DEEPEST) return SECRET;
    return Array.isArray(value)
      ? maskList(path, value, replace, depth + 1)
      : maskObject(path, value as { [name: string]: unknown }, replace, depth + 1);
  }
  const kind = kindOf(path);
  if (kind === 'secret') {
    const text = String(value);
    return TAKEN.test(text) ? text.replace(SEALED, replace) : replace(text);
  }
  return typeof value === 'string' ? maskSeen(value, replace, kind === 'command') : value;
}

function maskList(path: string, list: readonly unknown[], replace: Replace, depth: number): unknown {
  let copy: unknown[] | undefined;
  for (let at = 0; at < list.length; at++) {
    const next = maskWithin(path, list[at], replace, depth);
    if (next === list[at]) continue;
    copy ??= list.slice();
    copy[at] = next;
  }
  return copy ?? list;
}

function maskObject(
  path: string,
  value: { [name: string]: unknown },
  replace: Replace,
  depth: number,
): unknown {
  const key = value['key'];
  let copy: typeof value | undefined;
  for (const name in value) {
    const child = value[name];
    const at = typeof key === 'string' && (name === 'value' || name === 'pending') ? key : name;
    const next = maskWithin(path === '' ? at : `${path}.${at}`, child, replace, depth);
    // A name contains a secret where a list of settings was split in the wrong place: `password=x` as a name.
    const called = isShortWord(name) ? name : maskText(name, replace);
    if (next === child && called === name) continue;
    copy ??= { ...value };
    if (called !== name) delete copy[name];
    copy[called] = next;
  }
  return copy ?? value;
}

/** Most values: too short for a token, and unable to name a secret. */
const SHORT_WORD = /^(?:[\w.-]{0,15}|(?:qemu|lxc|vm|container)\/\d{1,9})$/;

/** Whether the text is a word so short that there is nothing in it to mask, clean or defuse. */
export function isShortWord(text: string): boolean {
  return SHORT_WORD.test(text);
}

/** Invisible characters may interrupt a word that names a secret, so the text is judged as its reader sees it. */
function maskSeen(text: string, replace: Replace, command: boolean): string {
  if (isShortWord(text)) return text;
  const masked = maskText(text, replace, { command });
  const seen = visibleText(masked);
  if (seen === masked) return masked;
  const again = maskText(seen, replace, { command });
  return again === seen ? masked : again;
}
