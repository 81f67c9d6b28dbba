/*
 * A login and its password that no word announces, told by the case of letters: `root@hunter2Zq`, `CHAP: bob / Kw8rT3x`, lines
 * of davfs2 and Exim. Unlike in the other lists upper and lower case differ here. Group one stays, group two is replaced.
 */

/** A made-up word: digits between letters of both cases, or a sign that no host, path or version has. `Server2` is a name. */
const MIXED =
  '(?!\\(?secret[~)]|TLS|SSL|\\p{Ll}{2,20}!|[^\\s]{1,64}:[~/]|(?:\\p{Lu}?\\p{Ll}{1,30}){1,4}[-_]?\\d{1,6}(?![\\p{L}\\p{N}]))(?=[^\\s"\'`<>]{6})(?:(?=[^\\s"\'`<>]{0,60}?\\d)(?=[^\\s"\'`<>]{0,60}?\\p{Ll})(?=[^\\s"\'`<>]{0,60}?\\p{Lu})[\\p{L}\\p{N}]|(?=[^\\s"\'`<>]{0,60}?[\\p{L}\\p{N}][$%^#*?][\\p{L}\\p{N}]))';
const REST = '[^\\s"\'`<>]{0,200}?';
const END = '(?=["\'`]?[ \\t]{0,9}(?:[\\r\\n,;)]|$))';

/** In lower case, with a capital, and in capitals. */
const inAnyCase = (words: string) =>
  words
    .split(' ')
    .flatMap(word => [word, word[0]?.toUpperCase() + word.slice(1), word.toUpperCase()])
    .join('|');
const ROOT = inAnyCase('root admin administrator');
const SERVICE = inAnyCase(
  'chap ftp ftps sftp smtp imap pop3 webdav vpn smb cifs ldap mqtt sip rdp vnc ssh telnet snmp pppoe ppp nas bios uefi kvm sql mysql postgres db',
);

/** Without any of these, `PAIR_FORMS` is not in a text. */
export const PAIRS = /[a-z][A-Z\d]|\d[A-Za-z]|[A-Z]\d|[$%^#*?]|[a-z]{16}/;

/** Each pattern has one group that stays and one that is replaced. */
export const PAIR_FORMS: readonly RegExp[] = [
  // `root@hunter2Zq`: no host has such a name.
  new RegExp(`((?<![\\p{L}\\p{N}_./:@-])(?:${ROOT})@)(${MIXED}${REST})${END}`, 'gu'),
  new RegExp(
    `((?<![\\p{L}\\p{N}_./@-])(?:${SERVICE})(?:[ -](?:user|login|account|auth))?[ \\t]{0,3}[:=][ \\t]{0,3}[\\w.@-]{1,40}[ \\t]{0,3}[/|][ \\t]{0,3})(${MIXED}${REST})${END}`,
    'gu',
  ),
  // davfs2: `https://host/dav user password`, `/mnt/dav user "password"`.
  new RegExp(
    `((?<![^\\n])[ \\t]{0,8}(?:https?:/)?/(?!dev/)[^\\s"'\`<>]{3,200}[ \\t]{1,8}"?[\\w.@\\\\-]{1,60}"?[ \\t]{1,8}"?)(${MIXED}[^\\n"'\`<>]{0,200}?)(?="?[ \\t]{0,9}(?:[\\r\\n]|$))`,
    'gu',
  ),
  // A database's name may follow `-p`, too.
  new RegExp(
    `(\\b(?:mysql|mariadb)\\w{0,20}[^\\n|;]{0,100}?\\s-p[ \\t]{1,3})(${MIXED}${REST})(?=[\\s"'\`]|$)`,
    'gu',
  ),
  // Exim: `host:user:password`, where Google's application passwords are sixteen letters.
  new RegExp(
    `((?<![^\\s"'\`(,;])(?:\\*|[\\w-]{1,63})(?:\\.[\\w-]{1,63}){1,6}:[\\p{L}][\\w.@+-]{1,60}:)(${MIXED}${REST}|[a-z]{16}(?![^\\s"'\`),;]))(?=[\\s"'\`),;]|$)`,
    'gu',
  ),
];

/** Without any of these programs, `KEPT_FORMS` is not in a text. */
export const KEPT = /[([][^()\n]{0,30}(?:keepass|bitwarden|vaultwarden|1password|lastpass|passbolt|enpass)/i;

/** A secret, and in brackets where it is kept: `Master: Tr0ub4dor (KeePass)`. */
export const KEPT_FORMS: readonly RegExp[] = [
  new RegExp(
    `((?<![\\p{L}\\p{N}_])[\\p{L}-]{3,20}:[ \\t]{1,3})(${MIXED}${REST})(?=[ \\t]{1,3}[([][^()\\n]{0,30}(?:[Kk]ee[Pp]ass|[Bb]itwarden|[Vv]aultwarden|1[Pp]assword|[Ll]ast[Pp]ass|[Pp]assbolt|[Ee]npass))`,
    'gu',
  ),
];
