import { describe, expect, it } from 'vitest';
import { createAuth, parseToken } from '../../../src/proxmox/auth.ts';
import { parseBaseUrl } from '../../../src/proxmox/base-url.ts';
import { normaliseFingerprint } from '../../../src/proxmox/fingerprint.ts';

const SECRET = 'c0ffee00-90ab-cdef-1234-567890abcdef';

function messageOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return `${(error as Error).message} ${(error as { hint?: string }).hint ?? ''}`;
  }
  throw new Error('expected a refusal');
}

describe('API tokens', () => {
  it('splits id and secret', () => {
    expect(parseToken(`root@pam!mpc=${SECRET}`)).toEqual({ id: 'root@pam!mpc', secret: SECRET });
    expect(parseToken(`a.b-c_d@my-realm!T1.x_y-z=${SECRET}`).id).toBe('a.b-c_d@my-realm!T1.x_y-z');
  });

  it.each([
    [`root@pam!mpc:${SECRET}`, "separated by '=', not by ':'"],
    [`root@pam:mpc=${SECRET}`, 'token id is missing'],
    [`root@pam=${SECRET}`, 'token id is missing'],
    [`root!mpc=${SECRET}`, 'realm is missing'],
    ['root@pam!mpc', 'secret is missing'],
    ['root@pam!mpc=', 'is empty'],
    [SECRET, 'the secret alone'],
    [`PVEAPIToken=root@pam!mpc=${SECRET}`, "leave out 'PVEAPIToken='"],
    [`root@pam!mpc = ${SECRET}`, 'white space'],
    ['', 'it is empty'],
    [`root@pam!1x=${SECRET}`, 'not in the right order'],
  ])('says what is wrong with %s and keeps the secret to itself', (token, words) => {
    const text = messageOf(() => parseToken(token));
    expect(text).toContain(words);
    expect(text).not.toContain(SECRET);
  });

  it('sends the header PVE expects and hides the secret in any text', async () => {
    const auth = createAuth({ token: ` root@pam!mpc=${SECRET}\n` });
    expect(auth.identity).toBe('root@pam!mpc');
    expect(await auth.headers(() => Promise.reject(new Error('no login')))).toEqual({
      authorization: `PVEAPIToken=root@pam!mpc=${SECRET}`,
    });
    expect(auth.redact(`you sent ${SECRET}!`)).toBe('you sent ***!');
    expect(auth.renew()).toBe(false);
  });
});

describe('user name and password', () => {
  const answer = (data: unknown) => ({
    status: 200,
    reason: 'OK',
    location: undefined,
    body: JSON.stringify({ data }),
  });

  it('buys one ticket for all, and another before two hours are over', async () => {
    let now = 0;
    let logins = 0;
    const auth = createAuth({ username: 'root@pam', password: 'pass word' }, () => now);
    const login = async (form: Record<string, string>) => {
      expect(form).toEqual({ username: 'root@pam', password: 'pass word' });
      return answer({ ticket: `PVE:root@pam:${++logins}::x+/=`, CSRFPreventionToken: 'y' });
    };
    const both = await Promise.all([auth.headers(login), auth.headers(login)]);
    expect(both[0]).toEqual({ cookie: `PVEAuthCookie=${encodeURIComponent('PVE:root@pam:1::x+/=')}` });
    expect(logins).toBe(1);
    now = 119 * 60_000;
    await auth.headers(login);
    expect(logins).toBe(2);
    expect(auth.redact('pass word PVE:root@pam:2::x+/=')).toBe('*** ***');
  });

  it('tries again after a failed login, and after the server refused the ticket', async () => {
    let logins = 0;
    const auth = createAuth({ username: 'root@pam', password: 'secret' });
    const login = async () =>
      ++logins === 1
        ? { status: 401, reason: 'authentication failure', location: undefined, body: '' }
        : answer({ ticket: `t${logins}` });
    await expect(auth.headers(login)).rejects.toMatchObject({ kind: 'unauthorized', path: '/access/ticket' });
    expect(await auth.headers(login)).toEqual({ cookie: 'PVEAuthCookie=t2' });
    expect(auth.renew()).toBe(true);
    expect(await auth.headers(login)).toEqual({ cookie: 'PVEAuthCookie=t3' });
  });

  it.each([
    { ticket: 'PVE:!tfa!%7B%22totp%22:true%7D', NeedTFA: 1 },
    { ticket: 'PVE:!tfa!x' },
  ])('advises a token where a second factor is asked for', async data => {
    const auth = createAuth({ username: 'root@pam', password: 'secret' });
    await expect(auth.headers(async () => answer(data))).rejects.toMatchObject({
      kind: 'unauthorized',
      hint: expect.stringContaining('API token'),
    });
  });

  it('refuses a user without realm and an empty password', () => {
    expect(messageOf(() => createAuth({ username: 'root', password: 'secret' }))).toContain('realm');
    expect(messageOf(() => createAuth({ username: 'root@pam', password: '' }))).toContain('empty');
  });
});

describe('addresses', () => {
  it.each([
    ['https://pve1:8006', 'https://pve1:8006/api2/json'],
    ['https://pve1', 'https://pve1:8006/api2/json'],
    ['pve1', 'https://pve1:8006/api2/json'],
    ['10.0.0.1:8006', 'https://10.0.0.1:8006/api2/json'],
    ['https://pve.example.com:443', 'https://pve.example.com/api2/json'],
    ['https://pve.example.com:443/', 'https://pve.example.com/api2/json'],
    ['https://[::1]', 'https://[::1]:8006/api2/json'],
    ['https://[fd00::443]/', 'https://[fd00::443]:8006/api2/json'],
    [' https://pve1:8006/api2/json/ ', 'https://pve1:8006/api2/json'],
    ['https://proxy:8443/pve/', 'https://proxy:8443/pve/api2/json'],
    ['https://pve1:8006/#v1:0', 'https://pve1:8006/api2/json'],
    ['::1', 'https://[::1]:8006/api2/json'],
    ['2001:db8::1', 'https://[2001:db8::1]:8006/api2/json'],
    ['[::1]:8006', 'https://[::1]:8006/api2/json'],
    ['[2001:db8::1]', 'https://[2001:db8::1]:8006/api2/json'],
    ['https://2001:db8::a/', 'https://[2001:db8::a]:8006/api2/json'],
    ['2001:DB8:0:0:0:0:0:1', 'https://[2001:db8::1]:8006/api2/json'],
    ['https://2001:db8:0:0:0:0:0:1:443/api2/json', 'https://[2001:db8::1]/api2/json'],
    ['2001:db8::fe:8006:beef', 'https://[2001:db8::fe:8006:beef]:8006/api2/json'],
    ['::ffff:10.0.0.1', 'https://[::ffff:a00:1]:8006/api2/json'],
    ['::ffff:10.0.0.1:8443', 'https://[::ffff:a00:1]:8443/api2/json'],
  ])('%s means %s', (text, expected) => {
    expect(parseBaseUrl(text).href).toBe(expected);
  });

  it.each([
    '2001:db8::1:8006',
    'https://2001:db8::1:8006',
    'https://fe80::1:2:443/api2/json',
  ])('does not guess whether %s ends with a port, and says how to write it', text => {
    const [, host, port] = /([\da-f:]+):(\d+)/.exec(text.replace('https://', ''))!;
    const said = messageOf(() => parseBaseUrl(text));
    expect(said).toContain('two ways');
    expect(said).toContain(`https://[${host}:${port}]:8006`);
    expect(said).toContain(`https://[${host}]:${port}`);
  });

  it.each([
    'fe80::1%eth0',
    '[fe80::1%eth0]:8006',
    'https://[fe80::1%25vmbr0]:8006',
    'https://fe80::1%2/',
  ])('says that %s cannot be reached as a URL, and what to give instead', text => {
    const said = messageOf(() => parseBaseUrl(text));
    expect(said).toContain('interface');
    expect(said).toContain('name of the node');
  });

  it('refuses http, nonsense and passwords in words', () => {
    expect(messageOf(() => parseBaseUrl('http://pve1:8006'))).toContain('HTTPS only');
    expect(messageOf(() => parseBaseUrl('https://'))).toContain('not an address');
    expect(messageOf(() => parseBaseUrl(''))).toContain('not an address');
    for (const scheme of ['https', 'http']) {
      expect(messageOf(() => parseBaseUrl(`${scheme}://root:hunter2@pve1`))).not.toContain('hunter2');
    }
  });
});

describe('fingerprints', () => {
  const expected = Array(32).fill('AB').join(':');

  it.each([
    expected,
    expected.toLowerCase(),
    'ab'.repeat(32),
    `SHA256 Fingerprint=${expected}`,
    `sha256:${expected}`,
    ` ${expected}\n`,
  ])('reads %s', text => {
    expect(normaliseFingerprint(text)).toBe(expected);
  });

  it('says when it is a SHA-1 one or none', () => {
    expect(messageOf(() => normaliseFingerprint('ab'.repeat(20)))).toContain('SHA-1');
    expect(messageOf(() => normaliseFingerprint('AB:CD'))).toContain('not a SHA-256 fingerprint');
  });
});
