import { matches } from './fold.ts';

/*
 * Words for secrets among people and programs: a single list for paths of settings, free text, command lines, environments
 * and the cluster log.
 */

/** Words that name a secret, also at the end of a longer word: `cipassword`, `truenasapitoken`. */
const ANYWHERE = [
  'pass[ _-]?(?:words?|worte?|wörter|phrase|code|wd|key)|pa(?:s|ß)(?:words?|worte?|wörter)',
  'p[a@4*][s$5*]{2}(?:w|vv)[o0*]r[dt]|p[*.]{2,6}(?:word|wd|wort)|pa?s{1,2}w(?:or|ro|r|o)?d|passowrd|t[o0]k[e3]n|[s5][e3]cr[e3]t|p[ ._-]a[ ._-]s[ ._-]s[ ._-]w[ ._-]o[ ._-]r[ ._-]d|p[ ._-]a[ ._-]s[ ._-]s[ ._-]w[ ._-]d|t[ ._-]o[ ._-]k[ ._-]e[ ._-]n|s[ ._-]e[ ._-]c[ ._-]r[ ._-]e[ ._-]t',
  'passw?d|paswd|passw(?:r[dt]|t|or)|pasw?rd|kennw(?:ort|örter)|losungswort|zugangscode|freischaltcode',
  'secret(?:[ _-]?(?:access[ _-]?)?key|[ _-]?id)?s?',
  'token',
  '(?:api|private|priv|access|secret|encryption|encrypt|crypt|decryption|master|shared|pre-?shared|auth|signing|session|account|storage|service|app|application|network|zigbee|noise|hmac|jwt|cookie|cipher|licen[sc]e|product|recovery|unlock|unseal|deploy|webhook|admin|wlan|wifi|wpa|luks|zfs|bitlocker|wireguard|wg|vpn|ipsec|radius|tacacs|wep|activation|certificate)[ _-]?keys?(?:[ _-]?(?:id|\\d{1,2}(?![\\p{L}\\p{N}])))?',
  '(?:lizenz|api|wlan|aktivierungs|produkt|wiederherstellungs|verschlüsselungs|entsperr|netzwerk)[ _-]?schl(?:ü|u\u0308|ue)ssel|cl[ée]f?[ _-](?:api|wifi|secr[èe]te|priv[ée]e)|chave[ _-](?:api|secreta|privada)',
  'apikeys?|authtok|psksecret|client[ _-]key[ _-]data|keyring|credentials?|creds|zugangsdaten',
  "mot[ _-]de[ _-]passe|contrase(?:ñ|n|n\u0303)a|contrasenya|contrasinal|pasahitza|palavra-passe|wachtwoord|l(?:ö|o|o\u0308)senord|passord|adgangskode|kodeord|salas[aõ]na|wagwoord|pasfhocal|pasvorto|lykilor[ðd]|clave de acceso|c[óo]digo de acceso|c[óo]digo de acesso|chave de acesso|codice d[’']accesso|toegangscode|parola chiave|kata sandi|kata laluan|nenosiri|code d[’']acc[èe]s",
  'has[łl]o|heslo|geslo|lozinka|zaporka|slapta[žz]odis|parool|lykilorð|fjalëkalim|jelsz[óo]|şifre|sifre|šifra|парол[аяьюі]|паролем|лозинка|шифра|токен[ау]?|密[码碼]|密[钥鑰]|口令|パスワード|暗証番号|秘密鍵|トークン|비밀번호|암호|패스워드|토큰|סיסמה|סיסמא|ססמה|ססמא|كلم[ةه] (?:المرور|السر)|رمز عبور|گذرواژه|पासवर्ड|รหัสผ่าน|mật khẩu|κωδικ[όο]ς?|συνθηματικ[όο]|პაროლი|գաղտնաբառ|құпия ?сөз|parol|गुप्तशब्द|পাসওয়ার্ড|கடவுச்சொல்',
];

/** Words that name a secret only on their own, not in `compass` and `spins`. */
const ALONE = [
  '(?:db|my|my?sql|pg|(?:olc[_-]?)?root|require|master|user|admin|login|mail|smtp|imap|ftp|ssh|vnc|rdp|spice|sudo|wifi|wlan|wpa|ldap|redis|bind|chap|web|http|proxy|app|store|key|trust|auth|sasl|relay|cert|import|export|backup|default|remote)?[_-]?(?:p[a4@][s$5]{2}|pwd?|psk)',
  'pwd?|pswd|pwrd|p[/.]w|passw|kennw|mdp|clave|senha|parol[aăe]?|bearer',
  '(?:tacacs|radius)-server key|isakmp key|bcrypt[ _-]hash|user key|masterauth|t?otp(?:[ _-]?(?:seed|secret|key|code))?|[23]fa[ _-]?(?:seed|secret|key|code)|jsessionid|phpsessid',
  '(?:access|entry|door|security|recovery|backup|unlock|pin)[ _-]?codes?',
  '(?:snmp[ _-]?community|community[ _-]string)|seed[ _-]phrase|mnemonic|(?:set-)?cookie|pveauthcookie|authorization',
];

/** Endings after which such a word still names a secret: `password_hash`, `token1`, `PASSWORD_B64`. */
const SUFFIX =
  '(?:[_-]?(?:hash(?:ed)?|data|base|value|text|string|b64|base64|enc(?:rypted)?|plain|raw|new|old|current|root|admin|prod|dev|test|default|\\d{1,3}))?';

/** Pattern source for where secrets are kept: programs that people name in place of a secret. */
export const KEEPER =
  '(?:keepass\\w{0,4}|bitwarden|vaultwarden|1password|lastpass|passbolt|enpass|keychain)(?![\\p{L}\\p{N}-])';

/** Pattern source for a secret's name in free text, with the flags `iu`. */
export const SECRET_NAME = `(?:(?:${ANYWHERE.join('|')})|(?<![\\p{L}\\p{N}])(?:${ALONE.join('|')}))${SUFFIX}(?![\\p{L}\\p{N}])`;

/** The same for the name of a setting, which must end with the word. */
const SECRET_SETTING = new RegExp(`${SECRET_NAME}$`, 'iu');

/** `clientSecret` is read as `client_Secret`. */
const CAMEL = /([a-z0-9])([A-Z])/g;
/** Below this path come names given by people, not settings. */
const NAMES_BELOW = /^snapshots\b/;

/**
 * Whether the name of a value, at its dotted path in a configuration, an option list or any other object, makes it a secret.
 * Everything below a secret is one, too.
 */
export function isSecretPath(path: string): boolean {
  return kindOf(path) === 'secret';
}

function isSecretName(path: string): boolean {
  return path.split(/[./[\]]+/).some(part => matches(SECRET_SETTING, part.replace(CAMEL, '$1_$2')));
}

/** Settings that hold a command line or an environment, where more names mean a secret. */
const COMMANDS = /(?:^|[._-])(?:args|env|environment|entrypoint|command|cmd|cmdline|hookscript|exec)\d*$/i;

/** What a setting's name says about its value: a secret, a command line or environment, or neither. */
export type PathKind = 'secret' | 'command' | 'plain';

/** Ten thousand guests share the same few paths; the cache is cleared should somebody make up endless ones. */
const REMEMBERED_AT_MOST = 5_000;
const kinds = new Map<string, PathKind>();

/** The kind of the value at this dotted path. */
export function kindOf(path: string): PathKind {
  const known = kinds.get(path);
  if (known !== undefined) return known;
  if (kinds.size >= REMEMBERED_AT_MOST) kinds.clear();
  const kind = kindIn(path);
  kinds.set(path, kind);
  return kind;
}

function kindIn(path: string): PathKind {
  if (!NAMES_BELOW.test(path) && isSecretName(path)) return 'secret';
  return path.split('.').some(part => COMMANDS.test(part)) ? 'command' : 'plain';
}
