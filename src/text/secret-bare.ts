import { KEEPER, SECRET_NAME } from './secret-words.ts';

/*
 * Secrets without a sign before them: `root pw hunter2`, `heslo je hunter2`, `Login root/hunter2`. The value itself must
 * look made up, so that `the password policy`, `pw change due Friday` and `token for web-01` stay. Group one stays, group
 * two is replaced.
 */

/** Words of letters and digits that are ordinary: versions, durations, algorithms, protocols, machines and their parts. */
const THING = [
  'v\\d{1,3}|\\d{1,6}(?:st|nd|rd|th|x|ms|s|secs?|min|m|h|hrs?|d|days?|w|y|[kmgt]i?b?|bits?|chars?)',
  '(?:sha|md|base|rsa|aes|ed|x|p|ipv|oauth|saml|ntlmv|mschapv|pbkdf|argon|bcrypt|scrypt|fido|http|smtp|tlsv?|ssl|q|kw|kb|rfc-?|utf|iso-?|pkcs|ieee-?)-?\\d{1,5}(?:id|cts|gcm|cbc)?',
  '\\d{1,4}(?:\\.\\d{1,4}){0,3}-(?:alpine|slim|bullseye|bookworm|trixie|buster|jammy|noble|ubi|debian|ubuntu|fpm|apache|lts|rc|beta|alpha)[\\w.@:-]{0,80}',
  '(?:scram|cve|id)[-_][\\w-]{1,40}|[23]fa',
  '(?:vm|ct|lxc|luks|qemu|pve|pbs|pmg|node|vlan|kb|ticket|issue|port|page|line|slot)[-_]?\\d{1,5}s?',
  '(?:host|srv|server|web|www|db|sql|mail|mx|nas|san|dc|ad|dns|ns|esxi?|sw|switch|fw|firewall|backup|app|dev|test|prod|stage|k|ip|api|win|windows|linux|debian|ubuntu|proxmox|user|group|team|step|phase|part|rack|room|site|eth|eno|ens|enp|bond|vmbr|disk|storage|cluster|office|ring|tty\\w?)(?:[-_]?(?:srv|server|host|node|vm|db|web))?[-_]?\\d{1,2}',
].join('|');
/** Paths, options, addresses, users of a realm, host names, and what was replaced already. */
const NO_VALUE = [
  '\\(?secret[~)]|[/.~<*_([{-]|\\S{0,80}(?:\\][[(]|\\(secret[~)])|[x*!]:|tty|[a-z][a-z0-9+.-]{1,20}:\\/\\/|\\d{4}-\\d\\d-\\d\\d|v\\d{1,3}\\.',
  `(?:${THING})(?![\\p{L}\\p{N}])`,
  '[\\w.+-]{1,64}@(?:(?:pam|pve|pbs|pmg)(?!\\w)|[\\w-]{1,40}\\.[a-z])',
  '[\\w-]{1,63}(?:\\.[\\w-]{1,63}){0,6}\\.[a-z]{2,12}(?![\\p{L}\\p{N}])',
].join('|');
const CHARACTER = '[^\\s\\p{Cc}"\'`<>|]';
/**
 * Pattern source of a made-up value, with flags `iu` and one group. At least five characters: letters with digits, or with a sign
 * that occurs within no word.
 */
export const MADE_UP = `(?!${NO_VALUE})(?=${CHARACTER}{0,60}?\\p{L})(?=${CHARACTER}{0,60}?(?:\\d|[!$%&^#]${CHARACTER}))(${CHARACTER}{4,198}[^\\s\\p{Cc}"'\`<>|,.;:)\\]}])`;

/** `is`, and words used like it. */
const VERB = [
  'is|was|are|now|ist|war|lautet|sind|est|était|sont|es|era|son|fue|alt|neu|old|new|é|è|são|sono|er|är|je|byl[oa]|jest|este|yra|ir|это|on',
  '(?<=has[łl]o[ \\t]{1,4})to|(?:(?:was|has been) )?(?:changed|set|reset|updated)(?: to|:)|(?:wurde )?(?:geändert|gesetzt)(?: auf|:)|(?:(?:wurde|ist|war) )?auf(?=[ \\t]\\S{1,99}[ \\t](?:gesetzt|geändert))|to|(?:should|must|will|can) be|remains|stays|bleibt|equals',
].join('|');
const ROOT =
  '(?:root|admin|administrator|administrateur|administrador|amministratore|sysadmin|superuser|supervisor|operator|ubnt|postgres|apc)';
const ASIDE = `(?:[ \\t]{0,2}\\([^()\\n]{0,60}\\)|[ \\t]{1,2}(?:for|für|pour|para|per|voor|pro|dla)[ \\t]{1,2}[\\p{L}-]{2,20})?`;
/** `to pass UTF-8` passes something on. */
const NOUN = '(?<!(?:\\bto|not|tests?|all|must|will|can|should|may|you|we)[ \\t]{1,3}(?=pass\\b))';
const MARKUP = '[*_"\'`<]{0,3}';
/** What may stand between a name and a value that looks made up. */
const WHO = `(?:[ \\t]{1,3}${ROOT}\\p{L}{0,2}[ \\t]{0,2}(?:[:=-](?=[ \\t]))?)?`;
const GAP = `(?:[ \\t]?\\.{3,60})?(?:</[a-z]{1,10}>|\\](?![([])){0,2}${WHO}(?:(?:[ \\t]{1,3}[-–—])?[ \\t]{1,4}(?:${VERB}))?(?:[ \\t]{0,3}[([{](?!secret[~)])|[ \\t]{1,4}(?:[-–—~@/#.…][ \\t]{1,3})?|\\?{1,3}[ \\t]{1,3}|[,;…](?![\\w-]{1,30}=)|%20)${MARKUP}`;

/** Words for a login. */
const LOGIN =
  '(?:ssid|w-?lan|wi-?fi|log[ -]?[io]n|zugang|anmeldung|acc[èe]s|acceso|accesso|acesso|identifiants?|credenciales|credenziali|credenciais|chap|přihlášení|logowanie|логин|вход|creds|credentials|user(?:name)?[ /]{0,2}(?:pw|pwd|pass|password))s?';
/** Management processors, whose logins are noted down most often. */
const MANAGEMENT = '(?:ipmi|bmc|ilo\\d?|idrac\\d?|drac\\d?|imm2?|cimc|xcc|console|konsole|kvm|web[ -]?g?ui)';
/** Words that appear after a secret's name only as the secret: factory defaults and common initial passwords. */
const COMMON =
  '(?:change[-_]?(?:me|it|this)|letmein|iloveyou|trustno1|opensesame|qwert[yz]\\w{0,8}|asdf\\w{0,8}|toor|calvin|superuser|openmediavault|raspberry|vagrant|p[a@4][s$5]{2}w[o0]rd\\d{0,4}|passw[o0]rt\\d{0,4})[!1]{0,3}';
/** Other things people log in to as root or admin. */
const DATABASE =
  '(?:my|pg|ms)?sql|mariadb|postgres(?:ql)?|mongo(?:db)?|oracle|redis|influx(?:db)?|ssh|web|grafana|nextcloud|vcenter|esxi|proxmox|pve|pbs|truenas|unifi|opnsense|pfsense|router|switch';
const START = '(?<![\\p{L}\\p{N}_./@:-])';
const PAIR = `[*_"'\`]{0,3}(?:[ \\t]{0,3}[/|][ \\t]{0,3}|:)${MARKUP}`;

/** After a name. Each pattern has one group that stays and one that is replaced. */
export const NAMED_BARE_FORMS: readonly RegExp[] = [
  new RegExp(`(${NOUN}${SECRET_NAME}${ASIDE}["'\`*_]{0,3}${GAP})${MADE_UP}`, 'giu'),
  // A password that is the same everywhere.
  new RegExp(`(${NOUN}${SECRET_NAME}${ASIDE}["'\`*_]{0,3}${GAP})(${COMMON})(?![\\p{L}\\p{N}])`, 'giu'),
  // A dash, then a single word up to the end of the line.
  new RegExp(
    `(${SECRET_NAME}${ASIDE}["'\`*_]{0,3}[ \\t]{1,3}[-–—][ \\t]{1,3}${MARKUP})(?!\\(?secret[~)]|(?:required|needed|optional|none|unknown|expired|changed|missing|unset|disabled|enabled|rotated|todo|tbd|pending|done|ok|through|thru)\\b|[[(])([^\\s\\p{Cc}"'\`<>|]{4,100})(?=["'\`*]{0,3}[ \\t]{0,9}(?:[\\r\\n]|$))`,
    'giu',
  ),
  // As a heading.
  new RegExp(
    `(${SECRET_NAME}(?:[ \\t]{0,2}\\([^()\\n]{0,60}\\))?["'\`*_]{0,3}[ \\t]{0,3}\\r?\\n(?:[-=~]{3,80}[ \\t]{0,3}\\r?\\n|\\r?\\n)?[ \\t]{0,8}${MARKUP})${MADE_UP}(?=["'\`*]{0,3}[ \\t]{0,9}(?:[\\r\\n]|$))`,
    'giu',
  ),
  // Digits alone.
  new RegExp(`(${SECRET_NAME}[ \\t]{1,3})(\\d{6,12})(?![\\p{L}\\p{N}]|[.:/-][\\p{L}\\p{N}])`, 'giu'),
];

/** Independent of a name. */
export const BARE_FORMS: readonly RegExp[] = [
  // In languages written without blanks.
  new RegExp(
    `((?:密[码碼]|口令|パスワード|暗証番号|비밀번호|암호)[ \\t]{0,3}(?:是|为|為|は|が|는|은)?[ \\t]{0,3})${MADE_UP}`,
    'giu',
  ),
  // After a key symbol.
  new RegExp(`([🔑🗝🔐][ \\t]{0,3}(?:[:=→][ \\t]{0,3})?${MARKUP})${MADE_UP}`, 'giu'),
  // In the configuration of switches, with the number of the encryption type.
  new RegExp(`((?:secret|password|key)[ \\t]{1,3}\\d{1,2}[ \\t]{1,3})${MADE_UP}`, 'giu'),
  new RegExp(
    `(\\b(?:(?:radius|tacacs)[^\\n]{0,120}?\\bkey|(?:message-digest|authentication)-key|key-string|wpa-psk[ \\t](?:ascii|hex)|standby[^\\n]{0,40}?authentication|neighbor[ \\t]\\S{1,60}[ \\t]password)(?:[ \\t]{1,3}(?:\\d{1,5}|md5|text|sha\\d{0,3})){0,3}[ \\t]{1,3})${MADE_UP}`,
    'giu',
  ),
  /(\bsnmp-server[ \t]{1,3}community[ \t]{1,3})([^\s(]\S*)/gi,
  // A login and its password.
  new RegExp(
    `(${START}${LOGIN}(?:[ \\t]{1,3}(?:is|ist|data|as|als|with|mit))?[*_]{0,2}[ \\t]{0,3}[:=]?[*_]{0,2}[ \\t]{0,3}${MARKUP}[\\w.@-]{1,40}${PAIR})${MADE_UP}`,
    'giu',
  ),
  new RegExp(`(${START}${ROOT}${PAIR})${MADE_UP}`, 'giu'),
  // `root: P@ssw0rd`: letters, digits and a sign, and nothing more on that line.
  new RegExp(
    `(${START}${ROOT}[ \\t]{0,3}[:=][ \\t]{1,3}${MARKUP})(?=\\S{0,60}\\d)(?=\\S{0,60}[!$%&^#@?*+])${MADE_UP}(?=["'\`*_]{0,3}[ \\t]{0,9}(?:[\\r\\n,;)]|$))`,
    'giu',
  ),
  // `Passwort 2: hunter2`, `LUKS: hunter2`.
  new RegExp(
    `(${START}(?:${SECRET_NAME}[ \\t]\\d{1,2}|luks|bitlocker|veracrypt|kode)[ \\t]{0,3}[:=][ \\t]{1,3}${MARKUP})${MADE_UP}(?=["'\`*_]{0,3}[ \\t]{0,9}(?:[\\r\\n,;)]|$))`,
    'giu',
  ),
  // `MySQL root: hunter2`, and nothing more on that line.
  new RegExp(
    `(${START}(?:${DATABASE}|${MANAGEMENT})[ \\t]{1,3}\\(?${ROOT}\\)?[ \\t]{0,3}[:=][ \\t]{1,3}${MARKUP})${MADE_UP}(?=["'\`*_]{0,3}[ \\t]{0,9}(?:[\\r\\n,;)]|$))`,
    'giu',
  ),
  new RegExp(
    `(${START}(?:${LOGIN}|${MANAGEMENT})[ \\t]{0,3}[:=]?[ \\t]{1,3}${ROOT}[ \\t]{1,3})${MADE_UP}`,
    'giu',
  ),
  new RegExp(
    `(${START}(?:${LOGIN}|${MANAGEMENT})[ \\t]{0,3}[:=-]?[ \\t]{0,3}${ROOT}[ \\t]{0,3}/[ \\t]{0,3})(?!secret[~)]|tty|console|${KEEPER})([\\p{L}\\p{N}!?.@#-]{4,60})(?=[ \\t]{0,9}(?:[\\r\\n,;)]|$))`,
    'giu',
  ),
  // `Login: admin, hunter2`, `log in as root with hunter2`, or on two lines.
  new RegExp(
    `(${START}${LOGIN}[*_]{0,2}[ \\t]{0,3}[:=][*_]{0,2}[ \\t]{0,3}${MARKUP}[\\w.@-]{1,40}["'\`*_]{0,3}(?:[ \\t]{0,3}(?:[,;&+]|-{1,2}>?|→)[ \\t]{1,3}|[ \\t]{1,3}(?:and|und|with|mit|et|y|e|i|en)[ \\t]{1,3}|[ \\t]{0,3}\\r?\\n[ \\t]{0,8}(?:[-*][ \\t]{1,3})?)${MARKUP})${MADE_UP}(?=["'\`*_]{0,3}[ \\t]{0,9}(?:[\\r\\n,;)]|$))`,
    'giu',
  ),
  new RegExp(
    `(${START}(?:log(?:ged)?[ -]?(?:in|on)|sign[ -]?in|anmeld\\w{0,4}|einloggen|unlock(?:ed|s)?|decrypt(?:ed|s)?|entsperr\\w{0,4}|connect(?:ed)?|zugang|ssh)[ \\t]{1,3}(?:(?:as|with|als|mit|to|via|en tant que|\\S{1,60}@\\S{1,60})[ \\t]{1,3}){0,2}(?:[\\w.@-]{1,40}[ \\t]{1,3})?(?:(?:with|using|mit|and|und|avec|con)[ \\t]{1,3}|/[ \\t]{1,3}|[([]))${MADE_UP}`,
    'giu',
  ),
  new RegExp(
    `((?<![\\d.])\\d{1,3}(?:\\.\\d{1,3}){3}(?::\\d{1,5})?[ \\t]{0,3}(?:[,;|–-][ \\t]{0,3})?\\b${ROOT}[ \\t]{0,3}(?:[ ,;|:/–-][ \\t]{0,3}))${MADE_UP}`,
    'giu',
  ),
  // Alone on its line after such a user: upper and lower case letters with digits.
  new RegExp(
    `((?<![^\\n])[ \\t]{0,8}(?:[-*][ \\t]{1,3})?${ROOT}[ \\t]{1,8})(?=\\S{0,60}\\d)${MADE_UP}(?=[ \\t]{0,9}(?:[\\r\\n]|$))`,
    'giu',
  ),
  /((?<![\p{L}\p{N}])u(?:ser(?:name)?)?[ \t]?[:=][ \t]{0,3}[^\s:=]{1,40}[ \t,;/|]{1,4}p[ \t]?[:=][ \t]{0,3})(?!\(secret)([^\s"'`,;]{3,200})/giu,
  // As stored by Docker and npm: user and password in base64.
  /((?<![\p{L}\p{N}])["']auth["']\s{0,4}:\s{0,4}["'])([\w+/=-]{8,}|(?=[^"'\s]{0,60}\d)[^"'\s]{6,200})/giu,
  /((?<![\p{L}\p{N}])_?auth["']?[ \t]{0,3}[:=][ \t]{0,3}["']?)(?=[a-z0-9+/]{0,80}[A-Z])(?=[A-Za-z0-9+/]{0,80}\d)([A-Za-z0-9+/]{12,}={0,2})(?![\w.-])/gu,
  new RegExp(
    `((?<![\\p{L}\\p{N}])(?:s3|minio|b2|r2|aws|wasabi|api|access)[ -]keys?[ \\t]{0,3}[:=]?[ \\t]{1,3}[\\w-]{3,80}[ \\t]{0,3}[/:,|][ \\t]{0,3})${MADE_UP}`,
    'giu',
  ),
  /((?<![\p{L}\p{N}])auth["'`*]{0,2}[ \t]{0,3}[:=]?[ \t]{0,3}["'`]{0,2})([\da-f]{32,128})(?![\p{L}\p{N}])/giu,
  /((?<![\p{L}\p{N}])(?:zahlen)?[ck]ombina(?:tion|ison|ci[oó]n|zione)(?:[ \t]{0,3}[:=]|[ \t](?:is|ist|est|es|è|lautet))?[ \t]{1,3})(\d{1,3}(?:[ \t]?[-–/ ][ \t]?\d{1,3}){2,5})(?![\p{L}\p{N}.:/-])/giu,
  /((?<![\p{L}\p{N}])(?:p(?:in|uk)(?:[ -]?(?:code|nummer|number))?|(?:alarm|tresor|safe|door|gate|t[üu]r|haust[üu]r|zutritts|garagen?|lock|entry)[ -]?code)(?:[ \t]{0,3}[:=])?[ \t]{1,3})(\d{4,8})(?![\p{L}\p{N}])/giu,
];
