import { MADE_UP } from './secret-bare.ts';

/*
 * Lines of files in which programs keep their logins: .pgpass, userlist.txt, redis.conf, ipsec.secrets, snmpd.conf and the
 * like. Group one stays, group two is replaced.
 */

const QUOTED = '\'[^\'\\n]{1,500}\'?|"(?:\\\\.|[^"\\\\\\n]){1,500}"?';
const WORD = `(${QUOTED}|\\S{1,500})`;

/** Each pattern has one group that stays and one that is replaced. */
export const FILE_FORMS: readonly RegExp[] = [
  // PostgreSQL's `host:port:database:user:password`. IPv6 addresses have four colons, too.
  /((?<![\w.:/@*\\-])(?!(?:[\da-f]{0,4}:){4,7}[\da-f]{0,4}(?![\w.:-]))(?:\*|\/[\w./-]{1,100}|\[[\da-f:.]{2,45}\]|(?:[\w.-]|\\:){1,200}):(?:\*|\d{3,5}):(?:\*|\w[\w$-]{0,62}):(?:\*|[a-z_][\w.@$-]{0,62}):)((?:\\.|[^\s"'`<>\\]){1,500})/giu,
  // PgBouncer's `"user" "password"`.
  new RegExp(`((?<![^\\n])"[\\w.@-]{1,63}"[ \\t]{1,3}")${MADE_UP}(?="[ \\t]{0,9}(?:[\\r\\n]|$))`, 'giu'),
  // Redis.
  new RegExp(`((?<![\\w-])(?:requirepass|masterauth)[ \\t]{1,8})${WORD}`, 'giu'),
  /(\buser[ \t]{1,8}\S{1,60}[ \t]{1,8}(?:(?:on|off|reset\w{0,8}|nopass|[~&+-]\S{1,60})[ \t]{1,8}){0,20}>)(\S+)/giu,
  new RegExp(`((?<![\\w-])(?:AUTH|HELLO 3 AUTH)[ \\t]{1,3}(?:[\\w.-]{1,40}[ \\t]{1,3})?)${MADE_UP}`, 'gu'),
  /((?<![\w-])AUTH[ \t]{1,3}(?:"[\w.-]{1,40}"[ \t]{1,3})?")([^"\n]{1,200})/g,
  /(\bsentinel[ \t]{1,3}auth-pass[ \t]{1,3}\S{1,60}[ \t]{1,3})(\S+)/gi,
  // strongSwan's `: PSK "x"`.
  new RegExp(
    `((?:^|[\\s:]):?[ \\t]{0,8}(?:PSK|EAP|XAUTH|NTLM|PIN|PKCS12|RSA \\S{1,80})[ \\t]{1,8})(${QUOTED})`,
    'gu',
  ),
  // PPP's `client server secret addresses`, with any server and address.
  new RegExp(
    `((?<![^\\n])[ \\t]{0,8}["\\w][\\w.@"\\\\-]{0,60}[ \\t]{1,20}(?:\\*|[\\w.-]{1,60})[ \\t]{1,20}"?)${MADE_UP}(?="?[ \\t]{1,20}(?:\\*|\\d{1,3}(?:\\.\\d{1,3}){3})[ \\t]{0,9}(?:[\\r\\n]|$))`,
    'giu',
  ),
  // SNMP, NUT, iSCSI, DNS.
  /(\br[ow](?:community|user)6?[ \t]{1,8})(\S+)/giu,
  new RegExp(
    `(\\bcreateUser[ \\t]{1,8}(?:-e[ \\t]{1,8}\\S{1,80}[ \\t]{1,8})?\\S{1,60}[ \\t]{1,8}(?:MD5|SHA[\\d-]{0,7})[ \\t]{1,8})${WORD}`,
    'giu',
  ),
  new RegExp(`(\\bcreateUser[ \\t]{1,8}[^\\n]{1,300}?[ \\t](?:DES|AES[\\d-]{0,7})[ \\t]{1,8})${WORD}`, 'giu'),
  /(\bMONITOR[ \t]{1,8}\S{1,80}@\S{1,80}[ \t]{1,8}\d{1,3}[ \t]{1,8}\S{1,60}[ \t]{1,8})(\S+)(?=[ \t]{1,8}(?:master|slave|primary|secondary)\b)/giu,
  /(\b(?:incoming|outgoing)user[ \t=]{1,8}\S{1,80}[ \t]{1,8})(\S+)/giu,
  // Postfix's `[host]:port user:password`, the output of htdigest, RabbitMQ.
  /((?<![^\n])\[[\w.-]{1,200}\](?::\d{1,5})?[ \t]{1,8}[\w.@+-]{1,100}:)(\S+)/giu,
  /((?<![^\n])[\w.@-]{1,60}:[^\n:]{1,60}:)([\da-f]{32})(?=[ \t]{0,9}(?:[\r\n]|$))/giu,
  /((?<![^\n])[\w.$-]{1,60}:\d{1,9}:[\dA-FX*]{32}:)([\dA-F]{32})(?=:)/giu,
  /(\{default_pass[ \t]{0,4},[ \t]{0,4}<<")([^"\n]{1,200})/giu,
  // Debian's preseeding: `d-i passwd/root-password password x`.
  /(\b(?:passwd|[\w-]{1,40})\/[\w-]{0,40}passw\S{0,40}[ \t]{1,8}(?:password|string)[ \t]{1,8})(\S[^\n]{0,200})/giu,
  // OpenVPN's user and password, on a line each.
  /(\bauth-user-pass>?[ \t]{0,8}\r?\n[^\s<]{1,80}\r?\n)([^\s<]{1,200})/giu,
  // Ansible's vault, whose password may be weak.
  /(\$ANSIBLE_VAULT;[\w.;-]{1,60}\s{1,20})([\da-f\s]{16,})/giu,
];
