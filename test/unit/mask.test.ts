import { describe, expect, test } from 'vitest';
import { visibleText } from '../../src/text/clean.ts';
import { maskText, maskValue, SECRET } from '../../src/text/mask.ts';
import { isSecretPath } from '../../src/text/secret-words.ts';
import { INNOCENT, KINDS } from '../support/secret-kinds.ts';

test.each(KINDS)('masked: %s', (_, text, secrets) => {
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

test.each(INNOCENT)('stays readable: %s', text => {
  expect(maskText(text)).toBe(text);
  expect(maskText(`before\n${text}\nafter`)).toBe(`before\n${text}\nafter`);
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
  ])('%s is none', path => expect(isSecretPath(path)).toBe(false));

  test('a row that names its setting is judged by that name', () => {
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

  test('a name may hold one itself', () => {
    expect(maskValue('options', { 'password=canaryA1': '1', 'a long name of a setting': 2 })).toEqual({
      'password=(secret)': '1',
      'a long name of a setting': 2,
    });
  });

  test('a command line and an environment know more names', () => {
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
    'é',
    'passwort\n',
    '*',
    '`',
  ],
])('time grows with the length of %j, no faster', piece => {
  const time = (length: number) => {
    const text = piece.repeat(length / piece.length);
    // Of this thread alone: other work on the machine does not count.
    const start = process.threadCpuUsage().user;
    maskText(text);
    return (process.threadCpuUsage().user - start) / 1000;
  };
  time(50_000);
  const [small, large] = [Math.min(time(100_000), time(100_000)), time(1_000_000)];
  // Ten times the text; a quadratic pattern would take a hundred times as long.
  expect(large).toBeLessThan(Math.max(1_500, small * 50));
  expect(large).toBeLessThan(10_000);
});
