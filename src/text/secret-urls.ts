/*
 * Logins in addresses: `scheme://user:password@host`, `scheme://token@host`, `user:password@host`. Group one stays, group
 * two is replaced. A password may contain `/`, `:` and `@`; an address after a path (`https://host/@user`) is not a login.
 */

/** Schemes in which a user alone gives nothing away. */
const USERS_ONLY =
  '(?:ssh|sftp|scp|rsync|git\\+ssh|ssh\\+git|svn\\+ssh|qemu\\+ssh|mailto|sips?|xmpp|nfs|telnet|vnc|rdp|spice|smb|cifs|ftp|postgres(?:ql)?|mysql|mariadb|mongodb(?:\\+srv)?|ldaps?|imaps?|smtps?)';

/** Before the `@` at which the host begins: the last one, if what follows looks like a host. */
const HOST = '(?=@(?:[\\p{L}\\p{N}_[(%$*{-]))';

/** Each pattern has one group that stays and one that is replaced. */
export const URL_FORMS: readonly RegExp[] = [
  // A password that may contain slashes, to the last `@`. What follows the colon is not a port.
  new RegExp(
    `((?<![\\p{L}\\p{N}])[a-z][a-z0-9+.-]{0,30}:(?:\\\\?/){2}[^\\s/:?#<>"'\`]{0,200}:)(?!\\d{1,5}(?:[/?#\\s]|$))((?:[^\\s<>"\`]|["\`](?=\\w)){1,400})${HOST}`,
    'giu',
  ),
  // A password after the user and before any slash that begins like a port.
  new RegExp(
    `((?<![\\p{L}\\p{N}])[a-z][a-z0-9+.-]{0,30}:(?:\\\\?/){2}[^\\s/:@?#<>"'\`]{0,200}:)([^\\s<>"\`/?#]{1,400})${HOST}`,
    'giu',
  ),
  // A token alone.
  new RegExp(
    `((?<![\\p{L}\\p{N}])(?!${USERS_ONLY}:)[a-z][a-z0-9+.-]{0,30}:(?:\\\\?/){2})(?!(?:git|root|anonymous|admin|user)@)([^\\s/:@?#<>"'\`]{1,400})${HOST}`,
    'giu',
  ),
  // Without a scheme. Not the label of a mail address, a volume, a UPID or a user of a realm.
  /((?<![\p{L}\p{N}_.:/@-])(?!UPID:|iqn\.|(?:[\p{L}-]{0,12}mail|mailto|[ck]onta[ck]to?|owner|maintainer|support|author|from|to|cc|bcc|user|group|token|acl|xmpp|sips?|ssh|sftp|scp|matrix|by):)[\p{L}\p{N}_.+-]{1,64}:)(?!\/[\p{L}\p{N}_.-]{1,60}[/@]|\/\/|\\\/|(?:[\w.-]{1,60}[/:])?(?:vm|base|subvol|basevol|backup|iso|vztmpl|snippets|images|import|rootdir)[-/]|\d{1,4}\/)([^\s@<>"'`]{1,200})(?=@(?!__|pam\b|pve\b|pbs\b|sha\d{3}:)[\p{L}\p{N}_[-])/giu,
  // Oracle's.
  /((?:\bjdbc:oracle:[a-z]{2,5}:|\bsqlplus[ \t]{1,3})[\w.$#]{1,60}\/)([^\s@"]{1,200})(?=@)/gi,
];

/** Without this, `GO_FORMS` is not in a text. */
export const GO = /@(?:tcp|unix)\(/i;

/** MySQL's form in Go: `user:password@tcp(host)`. */
export const GO_FORMS: readonly RegExp[] = [
  /((?<![\p{L}\p{N}_.:/@-])[\p{L}\p{N}_.+-]{1,64}:)([^\s@<>"'`]{1,200}@?[^\s@<>"'`]{0,60})(?=@(?:tcp|unix)\()/giu,
];
