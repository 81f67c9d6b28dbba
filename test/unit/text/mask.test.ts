import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { visibleText } from '../../../src/text/clean.ts';
import { maskText, maskValue, SECRET } from '../../../src/text/mask.ts';
import { AS_FORMS, NAMED_AFTER_FORMS } from '../../../src/text/secret-after.ts';
import { BARE_FORMS, NAMED_BARE_FORMS } from '../../../src/text/secret-bare.ts';
import { COMMAND_FORMS, QUOTED_COMMAND_FORMS } from '../../../src/text/secret-commands.ts';
import { FILE_FORMS } from '../../../src/text/secret-files.ts';
import { SECRET_FORMS, WORD_FORMS } from '../../../src/text/secret-forms.ts';
import { KEPT_FORMS, PAIR_FORMS } from '../../../src/text/secret-pairs.ts';
import { MARKUP_FORMS, NAMED_FORMS, PHRASE_FORMS } from '../../../src/text/secret-phrases.ts';
import { GO_FORMS, URL_FORMS } from '../../../src/text/secret-urls.ts';
import { isSecretPath } from '../../../src/text/secret-words.ts';
import { HARMLESS_NOTES } from '../../support/harmless-notes.ts';
import { INNOCENT, KINDS } from '../../support/secret-kinds.ts';
import { FOREIGN_SECRET_NOTES, SECRET_NOTES } from '../../support/secret-notes.ts';
import { propertyRuns, times } from '../../support/soak.ts';

test.each(KINDS)('a secret is masked: %s', (_, text, secrets) => {
  const masked = maskText(visibleText(text));
  for (const secret of [secrets].flat()) expect(masked).not.toContain(secret);
  expect(masked).toContain(SECRET);
  expect(maskText(masked), 'masking twice changes nothing').toBe(masked);
  const sealed = maskText(text, () => '(secret~1f3a)');
  const again = (one: string) => (/^\(secret~1f3a\)$/.test(one) ? one : '(again)');
  expect(maskText(sealed, again), 'nor does sealing').toBe(sealed);
  const around = maskText(visibleText(`first line\n${text}\nlast line`));
  for (const secret of [secrets].flat()) expect(around).not.toContain(secret);
});

test.each(INNOCENT)('an innocent text stays readable: %s', text => {
  expect(maskText(text)).toBe(text);
  expect(maskText(`before\n${text}\nafter`)).toBe(`before\n${text}\nafter`);
});

test('secrets as notes, commands and files of programs hold them are masked', () => {
  const told = (text: string, secret: string) => maskText(visibleText(text)).includes(secret);
  for (const value of ['canaryA1', 'x7Kp-9Qz_2'])
    for (const notes of [SECRET_NOTES, FOREIGN_SECRET_NOTES]) {
      const all = notes.map(note => note.replaceAll('canaryA1', value));
      expect(all.filter(note => told(note, value) || told(`first\n${note}\nlast`, value))).toEqual([]);
      expect(all.map(note => maskText(note)).filter(note => maskText(note) !== note)).toEqual([]);
    }
});

test('harmless notes stay readable', () => {
  expect(HARMLESS_NOTES.filter(note => maskText(note) !== note)).toEqual([]);
});

describe('a secret is masked though it is hidden', () => {
  const LOOKS: readonly ((text: string) => string)[] = [
    text => text.replace(/[aceopxyij]/g, one => 'асеорхуіј'['aceopxyij'.indexOf(one)]!),
    text => text.replace(/[aeopk]/g, one => 'αεορκ'['aeopk'.indexOf(one)]!),
    text => text.replace(/[!-~]/g, one => String.fromCharCode(one.charCodeAt(0) + 0xfee0)),
    text => text.replace(/[a-z]/g, one => String.fromCodePoint(0x1d41a + one.charCodeAt(0) - 97)),
    text => text.replace(/[a-z]/g, one => String.fromCodePoint(0x1f170 + one.charCodeAt(0) - 97)),
    text => text.replace(/[a-z]/g, '$&\u0336'),
    text => text.replace(/[aeiou]/g, '$&\u0301'),
    text => text.replace(/[as]/g, '$&\u200b'),
  ];
  const hex = (text: string, before: string) =>
    Array.from(Buffer.from(text), byte => before + byte.toString(16).padStart(2, '0')).join('');
  const CODES: { readonly [name: string]: (text: string) => string } = {
    'percent signs': encodeURIComponent,
    'percent signs everywhere': text => hex(text, '%'),
    JSON: text => JSON.stringify(text),
    entities: text => text.replace(/[^\w ]/g, one => `&#${one.codePointAt(0)};`),
    'escapes of JavaScript': text =>
      text.replace(/[^ ]/g, one => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`),
    base64: text => Buffer.from(text).toString('base64'),
    'base64 of an address': text => Buffer.from(text).toString('base64url'),
    'base64 of UTF-16': text => Buffer.from(text, 'utf16le').toString('base64'),
    hexadecimal: text => hex(text, ''),
  };
  const note = fc
    .tuple(
      fc.constantFrom(
        'password',
        'passwd',
        'api_key',
        'token',
        'secret',
        'root passphrase',
        'cipassword',
        'access key',
      ),
      fc.constantFrom(': ', '=', ' = ', ':'),
      fc.stringMatching(/^[A-Z][a-z]{3,6}[A-Z]{2}[789]{3,5}$/),
    )
    .map(([name, sign, value]) => ({ name, sign, value }));

  test('by letters that only look like ours', () => {
    fc.assert(
      fc.property(note, fc.constantFrom(...LOOKS), fc.boolean(), ({ name, sign, value }, look, also) => {
        const secret = also ? look(value) : value;
        const masked = maskText(visibleText(`Grüße\n${look(name)}${sign}${secret}\nend`));
        expect(masked).not.toContain(visibleText(secret));
        expect(masked).toMatch(/^Grüße\n(?:.|\n)*\nend$/);
        expect(maskText(masked)).toBe(masked);
      }),
      { numRuns: propertyRuns(100) },
    );
  });

  test('by codes, one within the other', () => {
    const code = fc.constantFrom(...Object.keys(CODES));
    fc.assert(
      fc.property(note, fc.array(code, { minLength: 1, maxLength: 2 }), ({ name, sign, value }, codes) => {
        // What is escaped is told where it ends; a code around it hides no more of it than its last letters.
        const coded = codes.reduce(
          (text, one) => CODES[one]!(text).replace(/=+$/, ''),
          `${name}${sign}${value}`,
        );
        const masked = maskText(`before ${coded} after`);
        expect(masked, codes.join(' in ')).not.toContain(coded.replace(/"+$/, '').slice(-10));
        expect(maskText(masked)).toBe(masked);
      }),
      { numRuns: propertyRuns(200) },
    );
  });
});

describe('a value by its path', () => {
  test.each([
    'config.cipassword',
    'options.password',
    'options.truenas_api_token',
    'options.apiToken',
    'options.apikey',
    'options.client-secret',
    'options.chap_password',
    'options.smb_pass',
    'options.wpa-psk',
    'options.auth.token.value',
    'config.net0.password',
    'options.keyring',
    'options.encryption-key',
    'options.private_key',
    'options.Passwort',
    'options.token2',
  ])('%s is a secret', path => {
    expect(isSecretPath(path)).toBe(true);
    expect(maskValue(path, 'anything')).toBe(SECRET);
    expect(maskValue(path, 1234)).toBe(SECRET);
    expect(maskValue(path, ['a', { b: 'c' }])).toEqual([SECRET, { b: SECRET }]);
  });

  test.each([
    ...['config.sshkeys', 'config.net0.tag', 'config.keyboard', 'config.efidisk0.pre-enrolled-keys'],
    ...[
      'options.server',
      'options.username',
      'options.tokenserver',
      'options.token_name',
      'options.fingerprint',
    ],
    ...['options.path', 'config.smbios1.uuid', 'config.vmgenid', 'snapshots.password', 'options.passthrough'],
    ...['options.master-pubkey', 'config.features.keyctl', 'options.monhost', 'options.password-file'],
  ])('%s is no secret', path => expect(isSecretPath(path)).toBe(false));

  test('is judged by the setting that its row names', () => {
    expect(
      maskValue('', [
        { key: 'cipassword', value: 'a', pending: 'b' },
        { key: 'cores', value: 4 },
      ]),
    ).toEqual([
      { key: 'cipassword', value: SECRET, pending: SECRET },
      { key: 'cores', value: 4 },
    ]);
  });

  test('is masked in its name, too', () => {
    expect(maskValue('options', { 'password=canaryA1': '1', 'a long name of a setting': 2 })).toEqual({
      'password=(secret)': '1',
      'a long name of a setting': 2,
    });
  });

  test('is a secret by more names in a command line and an environment', () => {
    expect(maskValue('config.args', '-device x,key=abc -fw_cfg name=opt/x,string=y')).toBe(
      '-device x,key=(secret) -fw_cfg name=opt/x,string=y',
    );
    expect(maskValue('config.env', 'HOME=/root APP_KEY=abc SENTRY_DSN=def\u0000X_AUTH=ghi')).toBe(
      'HOME=/root APP_KEY=(secret) SENTRY_DSN=(secret)\u0000X_AUTH=(secret)',
    );
    expect(maskValue('config.lxc.environment', 'LICENSE=abc')).toBe('LICENSE=(secret)');
  });
});

test.each([
  ...[
    'password=',
    'password: "',
    'token for ',
    'a@b!c=',
    'http://',
    'http://a:',
    'user:',
    '-----BEGIN PRIVATE KEY-----',
  ],
  ...[
    'eyJaaaaaa.',
    '$6$',
    'secret,',
    'mysql -u ',
    'a:b@',
    'Password (',
    '<td>',
    '\\"',
    '{SSHA}',
    'pass ',
    '--pass',
    'bearer a',
  ],
  ...[
    'x',
    '-',
    '/',
    '=',
    ' ',
    '\n',
    ':',
    '@',
    '.',
    '&key=',
    'A',
    'authorization: ',
    'credentials ',
    'WIFI:T:a;',
    '<a name="password" ',
    'password: see a ',
    'password....',
    'é',
    'passwort\n',
    ...['Passwords:\n', '%25', 'db:5432:', 'name: password ', 'x1 as ', 'https://a/hooks/', 'Backup codes\n'],
    '*',
    '`',
  ],
])('masking takes time in proportion to the length of %j repeated', piece => {
  const time = (length: number) => {
    const text = piece.repeat(length / piece.length);
    // Of this thread alone: other work on the machine does not count.
    const start = process.threadCpuUsage().user;
    maskText(text);
    return (process.threadCpuUsage().user - start) / 1000;
  };
  const length = times(100_000, 1_000_000);
  time(length / 20);
  const [small, large] = [Math.min(time(length / 10), time(length / 10)), time(length)];
  // Ten times the text; a quadratic pattern would take a hundred times as long.
  expect(large).toBeLessThan(Math.max(length / 700, small * 50));
});

// Kills: a form left out of those that are looked for in one word, though one word can have it.
test('no form that is not looked for in one word can be in one', () => {
  const others = [
    ...COMMAND_FORMS,
    ...QUOTED_COMMAND_FORMS,
    ...FILE_FORMS,
    ...NAMED_AFTER_FORMS,
    ...PHRASE_FORMS,
    ...NAMED_FORMS,
    ...MARKUP_FORMS,
    ...AS_FORMS,
    ...PAIR_FORMS,
    ...KEPT_FORMS,
    ...GO_FORMS,
    ...BARE_FORMS,
    ...NAMED_BARE_FORMS,
    ...URL_FORMS,
    ...SECRET_FORMS,
  ].filter(form => !WORD_FORMS.includes(form));
  const piece = fc.oneof(
    fc.constantFrom(
      'password',
      'token',
      'secret_key',
      'bearer',
      'basic',
      'pin',
      'sshpass',
      'redis-cli',
      'data',
    ),
    fc.constantFrom(
      'PVEAPIToken',
      'authorization',
      'chpasswd',
      'is',
      '-u',
      '-p',
      '--password',
      '-a',
      'tcp',
      '//',
    ),
    fc.stringMatching(/^[\w.-]{1,44}$/),
  );
  const word = fc.array(piece, { maxLength: 6 }).map(pieces => pieces.join(''));
  fc.assert(
    fc.property(word, text => others.every(form => !new RegExp(form.source, form.flags).test(text))),
    { numRuns: times(400, 2_000) },
  );
});

describe('a value that holds nothing secret', () => {
  test('is itself, and so is each part of one that does', () => {
    const plain = { name: 'web', list: [1, 'two', { three: true }], none: null };
    expect(maskValue('', plain)).toBe(plain);
    const rows = [plain, { ...plain, cipassword: 'x' }];
    const masked = maskValue('', rows) as typeof rows;
    expect(masked).toEqual([plain, { ...plain, cipassword: SECRET }]);
    expect(masked[0]).toBe(plain);
    expect(masked[1]!.list).toBe(plain.list);
    expect(rows[1]).toHaveProperty('cipassword', 'x');
  });
});

// Kills: recursion as deep as whoever sent it likes, and what is too deep to be looked at told as it is.
test.each(['{"a":', '['])('a value nested without end as %s is masked all the same', open => {
  const text = `${open.repeat(100_000)}"hunter2"${(open === '[' ? ']' : '}').repeat(100_000)}`;
  const masked = maskValue('', { safe: 1, deep: JSON.parse(text) });
  expect(masked).toMatchObject({ safe: 1 });
  expect(JSON.stringify(masked)).toContain(SECRET);
  expect(JSON.stringify(masked)).not.toContain('hunter2');
});

// Kills: a text remembered as harmless because this once what replaces its seal was the seal itself.
test('what was found to hold no secret is masked as before, with whatever replaces one', () => {
  const text = 'set to (secret~00ff) by root@pam';
  expect(maskText(text, sealed => sealed)).toBe(text);
  expect(maskText(text)).toBe('set to (secret) by root@pam');
});
