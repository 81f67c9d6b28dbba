/*
 * Secrets recognized by their form alone, without any word beside them. Each pattern has two groups: what stays, and the
 * secret. All quantifiers are bounded or greedy over one class, so that each is linear in the text.
 *
 * The forms are those that their makers document and open rule sets (secretlint, gitleaks, GitHub's scanning) agree on.
 * Why none of these rule sets is used: docs/adr/0010-secrets-are-not-stored.md.
 */

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';

/** Keys that span several lines, complete or cut off. `%20` and `+` are blanks in values that PVE keeps URL-encoded. */
const BLOCKS = [
  /()(-{3,6}[ ]?BEGIN(?:\s{1,8}|%20|\+)(?:[A-Z0-9]{1,20}(?:\s{1,8}|%20|\+)){0,4}(?:PRIVATE(?:\s{1,8}|%20|\+)KEY(?:(?:\s{1,8}|%20|\+)BLOCK)?|OpenVPN[\w -]{1,40}?(?:key|key V\d))[ ]?-{3,6}[\s\S]*?(?:-{3,6}[ ]?END[^\n-]{0,80}(?:-crypt-v\d[^\n-]{0,40})?-{3,6}|$))/g,
  /()(PuTTY-User-Key-File-\d[\s\S]*?(?:Private-MAC: *[0-9a-f]+|$))/g,
  // The same without its first line: base64 of `openssh-key-v1`.
  /()(b3BlbnNzaC1rZXktdjE[A-Za-z0-9+/=\s]*)/g,
  // And as openssl writes them: the first numbers of the key in base64.
  /()((?<![\w+/])(?:MI[IG][\w+/]{2,4}(?:IBAAK|IBADAN|AgEAMBMG|AgEAMBAG)|MHcCAQEE|MC4CAQAwBQYDK2Vw|MIGHAgEA|MIGEAgEA)[A-Za-z0-9+/]{8,}(?:\s{1,8}[A-Za-z0-9+/]{16,})*={0,2})/g,
];

/** Tokens with a prefix chosen by their maker. */
const PREFIXED = new RegExp(
  `()(?<![A-Za-z0-9])(${[
    // Amazon
    '(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}',
    // Twilio, Azure, Cloudflare, Mailgun, Netlify, Figma, Linear, Notion, New Relic, 1Password, Fly, Doppler, Terraform, Supabase
    'SK[0-9a-f]{32}|\\w{3}8Q~[\\w.~-]{31,34}|cf(?:at|ut|k)_[\\w-]{30,80}|v1\\.0-[0-9a-f]{24}-[0-9a-f]{100,200}|key-[0-9a-f]{32}|nf[pcoub]_[\\w-]{36,60}|figd_[\\w-]{30,80}',
    'lin_(?:api|oauth)_[A-Za-z0-9]{32,80}|ntn_[A-Za-z0-9]{40,60}|NR(?:AK|JS|II|AA)-[\\w-]{16,60}|ops_eyJ[\\w+/=-]{40,2000}|f[mo][12]_[\\w+/=,-]{40,1000}|dp\\.(?:pt|st|ct|sa|scim|audit)\\.(?:[\\w-]{1,40}\\.)?[A-Za-z0-9]{40,44}|[A-Za-z0-9]{14}\\.atlasv1\\.[\\w-]{60,80}|sb[ps]_[\\w]{36,60}',
    // Discord, NATS; Docker's swarm, k3s; ntfy; licences
    '[MNO][\\w-]{23,27}\\.[\\w-]{6}\\.[\\w-]{27,40}|S[ACNOUX][A-Z2-7]{56}|SWMTKN-1-[a-z0-9]{40,60}-[a-z0-9]{20,30}|K10[0-9a-f]{64}::[\\w-]{1,40}:[\\w.-]{16,100}|tk_[a-z0-9]{29}(?![a-z0-9])',
    '(?:[A-Z0-9]{5}-){4}[A-Z0-9]{5}(?![\\w-])|p(?:ve\\d{0,3}|bs|mg\\d{0,3})[cbsp]-[0-9a-f]{10}(?![0-9a-f])',
    // GitHub, GitLab
    'gh[pousr]_[A-Za-z0-9]{16,255}|github_pat_\\w{20,255}',
    'gl(?:pat|dt|rt|rtr|cbt|ptt|ft|imt|agent|soat|oas|ffct)-[\\w.-]{16,300}|GR1348941[\\w-]{16,100}',
    // Slack, Discord, Telegram
    'xox[a-z](?:\\.xox[a-z])?-[A-Za-z0-9-]{8,500}|xapp-[A-Za-z0-9-]{8,500}',
    '(?:bot)?\\d{6,12}:AA[\\w-]{30,40}',
    // Stripe, Square, Shopify
    '(?:sk|rk)_(?:live|test|prod)_[A-Za-z0-9]{8,255}|whsec_[A-Za-z0-9+/=]{16,255}|sq0[a-z]{3}-[\\w-]{20,100}|shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}',
    // 1Password, Airtable, Alibaba, Artifactory, Backblaze, Dynatrace, Heroku, JFrog, Mailchimp, NetBird, Octopus, OpenShift, PlanetScale, Plex, Portainer, Prefect, Scaleway, Brevo
    'A3-[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})-[A-Z0-9]{5}-[A-Z0-9]{5}-[A-Z0-9]{5}|pat[A-Za-z0-9]{14}\\.[a-f0-9]{64}|LTAI[A-Za-z0-9]{16,24}|AKCp[A-Za-z0-9]{60,80}|K00\\d[A-Za-z0-9+/]{27}(?![A-Za-z0-9+/])|dt0[a-z]\\d{2}\\.[A-Z0-9]{24}\\.[A-Z0-9]{64}',
    'token-[a-z0-9]{5}:[a-z0-9]{40,70}(?![a-z0-9])|HRKU-[\\w-]{36,80}|[0-9a-f]{32}-us\\d{1,2}(?![\\w-])|nbp_[A-Za-z0-9]{36}|API-[A-Z0-9]{24,36}(?![A-Z0-9])|sha256~[\\w-]{43}|pscale_\\w{2,6}_[\\w.=-]{20,80}|sq[apu]_[0-9a-f]{40}|CFPAT-[\\w-]{40,60}|CCI(?:PAT|PRJ)_\\w{10,40}_[0-9a-f]{40}|bk(?:ua|aj|ct)_[0-9a-f]{40}|claim-[\\w-]{20}(?![\\w-])|ptr_[A-Za-z0-9+/]{40,60}=?|pnu_[A-Za-z0-9]{36}|SCW[A-Z0-9]{17}(?![A-Z0-9])|xkeysib-[a-f0-9]{64}-[A-Za-z0-9]{16}',
    // Google
    'AIza[\\w-]{30,60}|ya29\\.[\\w-]{20,500}|GOCSPX-[\\w-]{20,60}|1//0[\\w-]{30,200}',
    // OpenAI, Anthropic, others of their kind
    'sk-(?=[\\w-]{0,80}\\d)[\\w-]{16,300}|hf_[A-Za-z]{34}(?![A-Za-z0-9])|(?:hf|gsk|r8|fw|nvapi|xai|pplx|tgp)[_-](?=[\\w-]{0,80}\\d)[\\w-]{20,200}',
    // Registries and builders
    'npm_[A-Za-z0-9]{20,100}|pypi-AgE[\\w-]{16,400}|rubygems_[0-9a-f]{32,64}|dckr_(?:pat|oat)_[\\w-]{16,100}|do[opr]_v1_[0-9a-f]{40,80}',
    // Vault, Tailscale, Grafana, SendGrid, Atlassian, Sentry, Pulumi, Databricks, Postman, age
    'hv[sbr]\\.[\\w-]{20,300}|tskey-[\\w-]{16,120}|gl(?:sa|c)_[\\w+/=-]{20,300}|SG\\.[\\w-]{16,64}\\.[\\w-]{16,64}|ATATT3[\\w=-]{20,300}',
    'sntry[su]_[\\w+/=-]{20,400}|pul-[0-9a-f]{40}|dapi[0-9a-f]{32}(?:-\\d)?|PMAK-[0-9a-f-]{40,80}|AGE-SECRET-KEY-1[0-9A-Z]{40,80}',
    // JSON web tokens, signed or encrypted
    'eyJ[\\w-]{6,}\\.[\\w-]{6,}(?:\\.[\\w-]*){0,3}',
    // Docker's logins, as Kubernetes keeps them
    'eyJhdXRo[A-Za-z0-9+/]{16,4000}={0,2}|eyJhIjoi[A-Za-z0-9+/]{20,4000}={0,2}',
    // kubeadm; recovery keys of BitLocker and systemd; PostgreSQL
    '(?<![\\w.-])(?=[a-z0-9]{6}\\.[a-z0-9]{0,15}\\d)(?=[a-z0-9]{6}\\.[a-z0-9]{0,15}[a-z])[a-z0-9]{6}\\.[a-z0-9]{16}(?![\\w.-])|(?:\\d{6}-){7}\\d{6}(?![\\w-])|(?:[cbdefghijklnrtuv]{8}-){7}[cbdefghijklnrtuv]{8}(?![\\w-])',
    'md5[0-9a-f]{32}(?![\\w.])|SCRAM-SHA-\\d{1,3}\\$\\d{1,7}:[\\w+/=]{8,}\\$[\\w+/=:]{8,}',
    // Ceph; MySQL
    'AQ[A-Za-z0-9+/]{36}==|\\*[0-9A-F]{40}(?![0-9A-Fa-f])',
    // Hashes as crypt, htpasswd and LDAP write them
    '\\$(?:1|2[abxy]?|3|5|6|7|8|9|y|gy|apr1|md5|sha1|argon2[a-z]{0,2}|scrypt|pbkdf2[\\w-]{0,20}|bcrypt[\\w-]{0,20})\\$[\\w./$=,+-]{8,}',
    '(?:grub\\.)?pbkdf2[._:]sha\\d{1,3}[.$:]\\d{1,8}[.$][\\w./+=-]{1,200}[.$][\\w./+=-]{8,400}|(?:scrypt|pbkdf2):[\\w:]{1,40}\\$[\\w./+=-]{1,100}\\$[\\w./+=-]{16,}|0x0[12]00[0-9A-F]{40,300}',
    '\\{(?:PLAIN|CLEARTEXT|CRAM-MD5)\\}[^\\s:]{1,200}',
    '\\{(?:S?SHA\\d{0,3}|SMD5|MD5|CRYPT|PBKDF2[\\w-]{0,20}|ARGON2)\\}[\\w./$=,+-]{8,}',
  ].join('|')})`,
  'g',
);

/** What Proxmox itself issues: API tokens and tickets. */
const PROXMOX = [
  new RegExp(
    `((?<![\\w.-])[\\w.-]{1,64}@[\\w.-]{1,32}![\\w.-]{1,64}["'\`*]{0,3}[\\s:=/|,→>-]{1,6}["'\`*]{0,3})(${UUID})`,
    'gi',
  ),
  /(\bP(?:VE|BS|MG)APIToken(?:=|:|\s|%3D){1,3}[^\s=:]{1,200}(?:=|:|%3D))([^\s"'`,;]+)/gi,
  /(\bP(?:VE|BS|MG)[A-Z]{0,8}(?:AuthCookie=|:))((?:P(?:VE|BS|MG)(?::|%3A))?(?:[\w.@!%+-]{1,100}(?::|%3A))?[0-9A-F]{8}(?:::|%3A%3A)[\w+/=%-]{8,})/gi,
];

/** Webhooks whose address is the secret. */
const HOOKS = [
  /(\bhooks\.slack\.com\/(?:services|workflows|triggers)\/)([\w/-]+)/gi,
  /(\b(?:discord|discordapp)\.com\/api\/(?:v\d+\/)?webhooks\/)([\w/-]+)/gi,
  /(\bapi\.telegram\.org\/bot)([\w:-]+)/gi,
  /(\bwebhook\.office\.com\/webhookb2\/)([\w@/-]+)/gi,
  // Where a call is taken as coming from whoever knows the path.
  new RegExp(`(\\bhc-ping\\.com/|/private-(?=[0-9a-f]{32}/))(${UUID}|[\\w-]{20,40})`, 'gi'),
  new RegExp(
    `(\\bhttps?://[^\\s/]{1,200}/(?:(?!commit|blob|tree|pull|issues|releases|src|raw|wiki)[\\w.~-]{1,60}/){0,5}?(?:[\\w-]{0,12}hooks?|push|ping|trigger|integrations?|key|u)/(?:(?!commit|blob|tree|pull|issues|releases|src|raw|wiki)[\\w.~-]{1,60}/){0,4}?)(${UUID}|(?=[A-Za-z]{0,60}\\d)[A-Za-z0-9]{16,100})(?![\\w.-])`,
    'gi',
  ),
  // The query of an address.
  /([?&](?:sig|signature|x-amz-(?:signature|credential|security-token)|key|auth|code|pw|access|sid|hash|t?oken)=)([^\s&#"'<>]+)/gi,
];

/** A key's identifier and, beside it, the key: Amazon's. */
const BESIDE_ITS_ID =
  /((?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}["'`]?[\s:,;/|]{1,5}["'`]?)([A-Za-z0-9/+]{16,128})(?![\w/+])/gu;

/** WireGuard keys and the like: 32 bytes in base64. A public key or a checksum is announced as such. */
const KEY_256 =
  /((?<![\w+/=-])(?<!(?:public[ _-]?key|peer|sha256)["'`*]{0,2}\s{0,4}[:= -]\s{0,4}["'`*]{0,2}))([A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=)(?![\w=])/gi;

/** Keys in blocks. In each pattern one group stays and one is replaced; the order matters. */
export const BLOCK_FORMS: readonly RegExp[] = BLOCKS;
/** The other forms; these come after words that name a secret. */
export const SECRET_FORMS: readonly RegExp[] = [...PROXMOX, ...HOOKS, BESIDE_ITS_ID, PREFIXED, KEY_256];
/** Those that can match a single word without blanks or signs, in the same order. */
export const WORD_FORMS: readonly RegExp[] = [...BLOCKS, PREFIXED];
