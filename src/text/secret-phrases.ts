import { MADE_UP } from './secret-bare.ts';
import { KEEPER, SECRET_NAME } from './secret-words.ts';

/*
 * Secrets after the word that names them. Group one stays, group two is replaced.
 */

/** Markup, quotes and blanks that may stand between a name, its sign and its value, with one line break at most. */
const FILLER =
  '(?:<[^<>\\n]{0,80}>|&nbsp;|[*_\\\\]|[ \\t]|[!&]{1,2}[\\w-]{1,20}[ \\t]){0,12}(?:\\r?\\n(?![\\p{L} _-]{1,30}[:=])(?:<[^<>\\n]{0,80}>|&nbsp;|[*_\\\\>-]|[ \\t]){0,12})?';
/** `password (root):`, `password for root on pve1:`. */
const ASIDE =
  '(?:[ \\t]{0,2}\\([^()\\n]{0,60}\\)|[ \\t]{1,2}(?:for|of|on|at|to|in|from|für|fuer|von|vom|des|der|auf|ab|seit|zum|zur|since|as of|de|du|del|della|do|da|pour|para|per|voor|van|na|za|til|till|ni|dla|do|od|pro|k|до|за|для|от|к|на|untuk)[ \\t][^\\n:=;,]{0,60}?|[ \\t]As[ \\t](?:Secure)?String)?';
const CLOSING = '["\'`*_\\\\\\]]{0,4}(?:</[a-z]{1,10}>){0,3}';
const SIGN =
  '(?:[:?+]=|::|(?:\\.{2,60}[ \\t]{0,2}|\\.)?:|={1,2}>?|[-=]>|→|:|：|＝|%3[ad](?:%20)?|\\|(?![^\\n]{0,400}\\r?\\n[ \\t|:+-]{3,200}(?:[\\r\\n]|$)))';
const CELL = '(?:</t[dh]>\\s{0,20}<t[dh][^<>]{0,80}>|</dt>\\s{0,20}<dd[^<>]{0,80}>)';

/** A value in quotes, or to the end of the line if they are not closed. */
const QUOTED = [
  '\\\\"(?:(?!\\\\").){1,2000}(?:\\\\")?',
  '"(?:\\\\.|[^"\\\\\\n]){1,2000}"?',
  "'(?:\\\\.|[^'\\\\\\n]){1,2000}'?",
  '`[^`\\n]{1,2000}`?',
  '»[^«»\\n]{1,2000}«|›[^‹›\\n]{1,2000}‹|"""[\\s\\S]{1,2000}?"""|\'\'\'[\\s\\S]{1,2000}?\'\'\'',
  '[«‹“„”‘‚’「『][^»›“”‘’」』\\n]{1,2000}[»›“”‘’」』]?',
].join('|');
/** A value without quotes: to the next blank, tag, closing quote, or separator followed by another name. */
const BARE =
  '(?:(?![,;&](?:\\s|$|[\\w.-]{1,40}[=:])|["\'`](?:[\\s,;)}\\]]|$)|</?[a-z])[^\\s\\p{Cc}]){1,2000}';
/** Starts a sentence that says where the secret is or what became of it: `see the wiki`, `liegt im Tresor`. */
const ELSEWHERE = [
  'see|ask|in|on|at|with|via|by|per|managed|stored|kept|held|lives|printed|written|sent|set|rotated|changed|expires?|from|same|use|uses|read|not|none|only',
  'siehe|s\\.|steht|liegt|im|bei|beim|von|vom|nicht|nur|wie|kennt|hat|geändert|voir|dans|chez|demander|ver|en|está|preguntar|vedi|nel|chiedere|zie|bij|vraag|se|hos|viz|patrz|см|смотри\\p{L}*|спро\\p{L}+|у|в|хран\\p{L}+',
].join('|');
/** How such a sentence continues: words, dates and addresses, nothing that looks made up. */
const PLAIN =
  "(?:1password|https?://[^\\s@]{1,200}|[\\p{L}(][\\p{L}.'’()_-]{0,40}|\\d{1,4}(?:[./-]\\d{1,4}){0,2}\\.?)";
const NOT_ELSEWHERE = `(?!(?:${ELSEWHERE})(?:[ \\t]{1,4}${PLAIN}){1,12}[ \\t]{0,4}(?:[,;\\r\\n<|]|$))`;
/** Where a secret is kept, or what stands for it: `KeePass`, `${DB_PASSWORD}`, `{{ vault_password }}`, `$(pass show x)`. */
const ELSEWHERE_NAMED =
  `(?!${KEEPER})` +
  '(?!["\']?(?:\\$\\{[a-z]{1,30}(?:_[a-z]{1,30}){1,6}\\}|\\{\\{[ \\t]{0,3}[a-z]{1,30}(?:[._][a-z]{1,30}){1,8}[ \\t]{0,3}\\}\\}|\\$\\((?:pass|op|bw|vault|cat|sops|gpg|security|aws|gcloud|az)[ \\t][^()"\'`\\n]{1,100}\\)|!vault(?=[ \\t]{0,9}(?:[\\r\\n]|$))|op://|vault:|vault (?:kv|read) )|public(?<=community.{0,12})(?![\\p{L}\\p{N}]))';
/** No secret: whether there is one, a count, a public key, a token's name, a file, or a setting about it. */
const NO_WORD =
  '(?!["\'`]?[\\w.-]{1,64}@[\\w.-]{1,32}![\\w.-]{1,64}(?![\\w.=:-]))' +
  '(?!/(?:etc|run|var|home|root|opt|usr|srv|mnt|dev|tmp|boot|proc|sys)/[\\w.@$/-]{1,200}(?:[\\s,;:)"\'`]|$))' +
  '(?!\\{[ \\t]{0,4}["\']?expire|<\\(secret)' +
  ELSEWHERE_NAMED +
  '(?!\\d{1,3}(?:/\\d{1,3})?(?=[\\s,;.)]|$))' +
  '(?!(?:expired|unset|unknown|printed|rotated|changed|missing|empty|ask|tbd|todo|all|any)[ \\t.]{0,4}(?:[,;)\\r\\n<|]|$))' +
  '(?!(?:yes|no|true|false|on|off|none|null|nil|undefined|enabled|disabled|0|1|n/a|required|optional|prohibit-password)(?=[\\s,;.&)"\'`}\\]|<]|$)|(?:basic|bearer|digest|negotiate)[ \\t]|(?:ssh-(?:rsa|dss|ed25519)|ecdsa-sha2|sk-ssh-|AAAA[BCE]3Nza))';

/** Words that mostly do not introduce a password after `is`: `the password is stored in the vault`. */
const NO_SECRET_IS =
  '(?!(?:not?|now|in|on|at|a|an|the|to|with|by|via|per|from|of|for|only|also|still|just|being|been|available|known|unknown|valid|invalid|expired|expiring|required|needed|necessary|optional|set|unset|empty|missing|wrong|correct|incorrect|stored|kept|saved|held|managed|changed|rotated|reset|generated|created|used|unused|written|handled|encrypted|hashed|hidden|masked|safe|secure|weak|strong|same|default|identical|different|enabled|disabled|stale|old|new|true|false|null|none|bei|im|in|nicht|noch|nur|geheim|bekannt|abgelaufen|dans|le|la|un|une|en|el|está|requise?|obligatorio|this|that|these|it|what|where|how|when|too|very|so|here|there|above|below|asked|sent|shared|shown|printed|logged|read|checked|verified|accepted|rejected|refused)(?![\\p{L}\\p{N}]))';

const NO_VALUE = `${NOT_ELSEWHERE}${NO_WORD}`;
const VALUE = `${NO_VALUE}(${QUOTED}|${BARE})`;

/** Names followed by more than one word. */
const PHRASES = '(?:pass[ _-]?phrase|seed[ _-]phrase|mnemonic|mot de passe phrase)';
const LISTS =
  '(?:credentials?|creds|zugangsdaten|recovery[ _-]codes?|backup[ _-]codes?|passwords|passw[öo]rte[rn]?|kennw[öo]rter|contraseñas|senhas|wachtwoorden|(?:set-)?cookie|user[ _-]?pass(?:word)?)';

function wholeLine(name: string, unless: string): RegExp {
  return new RegExp(
    `((?<![\\p{L}\\p{N}])${name}${ASIDE}${CLOSING}[ \\t]{0,6}${SIGN}${FILLER})(?=\\S)(?![*>_ \\t-]{0,12}\\(secret)${unless}(${QUOTED}|[^\\n<]{1,2000})`,
    'giu',
  );
}

/** The same between angle brackets. */
export const MARKUP_FORMS: readonly RegExp[] = [
  // `<password>x</password>`, `<key>Password</key><string>x</string>`, `password=<x>`, `<input type="password" value="x">`.
  new RegExp(
    `(<[\\w.:-]{0,40}?${SECRET_NAME}(?:\\s[^<>]{0,200})?>\\s{0,20}(?:<!\\[CDATA\\[)?)(?!\\s|\\(secret)([^<]{1,2000})(?=</|<!|\\]\\])`,
    'giu',
  ),
  new RegExp(
    `(<\\w{1,40}\\s(?:[^<>]{0,100}\\s)?(?:name|key|id)=["']?[\\w.:-]{0,40}?${SECRET_NAME}["']?(?:\\s[^<>]{0,100})?>\\s{0,20})(?!\\s|\\(secret)([^<]{1,2000})(?=</|<!|\\]\\])`,
    'giu',
  ),
  new RegExp(
    `(${SECRET_NAME}${CLOSING}(?:\\s{0,20}</?[\\w:]{1,20}(?:\\s[^<>]{0,80})?>){1,5}\\s{0,20})${MADE_UP}`,
    'giu',
  ),
  new RegExp(`(${SECRET_NAME}[ \\t]{0,6}[:=][ \\t]{0,6}<)${MADE_UP}(?=>)`, 'giu'),
  new RegExp(
    `(<input\\s(?:[^<>]{0,100}\\s)?(?:type|name|id)=["']?[\\w.-]{0,40}?${SECRET_NAME}["']?\\s(?:[^<>]{0,100}\\s)?value=["']?)(?!\\(secret)([^"'<>\\s]{1,500})`,
    'giu',
  ),
];

/** After a name. Each pattern has one group that stays and one that is replaced. */
export const NAMED_FORMS: readonly RegExp[] = [
  // `password: changed to x`.
  new RegExp(
    `(${SECRET_NAME}${ASIDE}${CLOSING}[ \\t]{0,6}${SIGN}[ \\t]{1,4}(?:re)?(?:changed|set|updated|now|new|old|ist|war|geändert|gesetzt|neu|alt)[ \\t]{1,4}(?:(?:to|auf|in)[ \\t]{1,4})?)${MADE_UP}`,
    'giu',
  ),
  // `password: |` and indented lines.
  new RegExp(
    `(${SECRET_NAME}["']?[ \\t]{0,3}:[ \\t]{0,3}[|>][+-]?\\d?[ \\t]{0,3}\\r?\\n[ \\t]{1,40})(?!\\(secret)([^\\n]{1,2000}(?:\\n[ \\t]{1,40}[^\\n]{1,2000}){0,50})`,
    'giu',
  ),
  // `password: { value: x }`.
  new RegExp(
    `(${SECRET_NAME}${CLOSING}[ \\t]{0,6}[:=][ \\t]{0,6})(?!\\(secret)${NO_WORD}([{[][^{}[\\]]{1,1000}[}\\]])`,
    'giu',
  ),
  new RegExp(`(${SECRET_NAME}${ASIDE}${CLOSING}[ \\t]{0,6}(?:${SIGN}|${CELL})${FILLER})${VALUE}`, 'giu'),
  new RegExp(
    `(${SECRET_NAME}${ASIDE}${CLOSING}[ \\t]{1,4}(?:is|ist|lautet|heißt|heisst|was|est|es|é|è|er|är)[ \\t]*:?[ \\t]{1,4})${NO_SECRET_IS}${VALUE}`,
    'giu',
  ),
  // `('DB_PASSWORD', 'x')`.
  new RegExp(
    `(\\b(?:define|(?:set|put)\\w{0,12}|setdefault|add\\w{0,12})\\([ \\t]{0,4}["'][\\w.-]{0,40}?${SECRET_NAME}["'][ \\t]{0,4},[ \\t]{0,4}["'])(?!\\(secret)([^"'\\n]{1,500})(?=["'])`,
    'giu',
  ),
  // `--password x`, `PASSWORD 'x'`.
  new RegExp(`((?<![\\p{L}\\p{N}])--?[\\w-]{0,40}?${SECRET_NAME}[ \\t]{1,4})(?!-)${VALUE}`, 'giu'),
  new RegExp(`((?<!unexpected )${SECRET_NAME}[ \\t]{1,4})(?=["'\`«“„])(${QUOTED})`, 'giu'),
];

/** Independent of a name. */
export const PHRASE_FORMS: readonly RegExp[] = [
  /(\bConvertTo-SecureString\s{1,4}(?:-String\s{1,4})?["'])([^"'\n]{1,200})/giu,
  // One-time passwords: base32, also in groups of four.
  /((?<![\p{L}\p{N}])(?:t?otp|2fa|mfa|authenticator|two[ -]?factor)(?:[ _-]?(?:seed|secret|key|code|setup))?["'`*]{0,3}[ \t]{0,3}[:=]?[ \t]{0,3}["'`*]{0,3})((?:[A-Z2-7]{4}[ -]){3,15}[A-Z2-7]{2,4}(?![\w-])|[A-Z2-7]{16,64}(?![\w-]))/giu,
  // A network and its key.
  /((?<![\p{L}\p{N}])(?:ssid|w-?lan|wi-?fi)[^\n]{1,60}?[\s,;/]key["'`*]{0,3}[ \t]{0,3}[:=][ \t]{0,3}["'`*]{0,3})(?!\(secret)([^\s"'`,;]{4,200})/giu,
  // `user & password: root & hunter2`.
  /((?<![\p{L}\p{N}])(?:user(?:name)?|login|benutzer(?:name)?|account|utilisateur|usuario)[ \t]{0,2}[/&+,|-][ \t]{0,2}(?:pwd?|pass(?:w(?:or)?[dt])?|kennwort|mdp|contraseña)[ \t]{0,3}[:=][ \t]{0,3}[^\s/&+,|:]{1,40}[ \t]{0,3}[/&+,|:][ \t]{0,3})(?!\(secret)(\S{1,200})/giu,
  // A script's answer to a password prompt.
  /(assword[^\n]{0,60}\r?\n?[^\n]{0,40}?\bsend\s{1,4}(?:--\s{1,3})?["{])(?!\(secret)([^"}\\\n]{1,200})/giu,
  /(\bsend\s{1,4}(?:--\s{1,3})?["{])(?!\(secret)([^"}\\\n]{4,200})(?=(?:\\[rn]){1,2}["}][^\n]{0,40}pass)/giu,
  /((?<![\p{L}\p{N}])(?:proxy-)?authorization["'`*\\]{0,3}[ \t]{0,4}[:=][ \t]{0,4}["'`\\]{0,2}(?:(?:basic|bearer|digest|token|negotiate|apikey|[\p{L}-]{3,16}(?=[ \t]{1,4}[^\s"'`,;]{8,}))[ \t]{1,4})?)(?!\(secret|(?:basic|bearer|digest|token|negotiate|apikey)[ \t])([^\s"'`,;]{3,})/giu,
  wholeLine(PHRASES, NO_WORD),
  wholeLine(LISTS, NO_VALUE),
  /(\bbearer\s{1,4})(?=[\w.~+/-]{0,60}[\d=_])([\w.~+/=-]{8,})/gi,
  /(\b[Bb]asic\s{1,4})(?=\S{0,200}(?:\d|=|[a-z][A-Z]))([A-Za-z0-9+/]{8,}={0,2})(?![\w-])/g,
  /((?<![\p{L}\p{N}])pin["'`*]{0,2}(?:[ \t]{0,3}[:=]|[ \t](?:is|was|ist|war|lautet|est|es|è|to|auf))[ \t]{0,3}["'`*]{0,2})(\d{4,12})(?!\d)/giu,
];
