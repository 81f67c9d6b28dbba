import { expect, test } from 'vitest';
import { describeFailure } from '../../../src/cli/program.ts';
import { describeError, UsageError } from '../../../src/errors.ts';
import { createLog } from '../../../src/log.ts';
import { messageText } from '../../../src/text/message.ts';

/* Sentences of ours: the name of a file or an option is no word before a secret; secrets in them are still none. */

test.each([
  '/run/secrets/token: permission denied',
  'cannot read "/home/me/.config/proxmox-mpc/api-token": EACCES',
  "EISDIR: illegal operation on a directory, read '/srv/pw': /srv/pw: is a directory",
  'PROXMOX_TOKEN_SECRET_FILE "/nowhere/token": the file does not exist',
  'PROXMOX_TOKEN: the realm is missing',
  '~/x/passwd: no such file',
  './etc/secret: not readable; /etc/secret: not readable',
  'other users of this machine may read /x/token, until you run chmod go-rwx /x/token',
])('a sentence of ours stays readable: %s', text => expect(messageText(text)).toBe(text));

test.each([
  ['/run/secrets/token: hunter2', '/run/secrets/token: (secret)'],
  ['/a/token: password=geheim', '/a/token: (secret)'],
  ['/a/b: pw: geheim', '/a/b: pw: (secret)'],
  ['user/pass: geheim', 'user/pass: (secret)'],
  ['https://host/api/token: geheim', 'https://host/api/token: (secret)'],
  ['pass\u0007word: geheim', 'pass word: (secret)'],
  ['token:\ngeheim', 'token: (secret)'],
  ['PROXMOX_TOKEN=geheim', 'PROXMOX_TOKEN=(secret)'],
])('$0 becomes $1', (text, told) => {
  expect(messageText(text)).toBe(told);
  expect(describeError(new Error(text))).toBe(told);
  expect(messageText(told)).toBe(told);
});

test('each fact of a line of the log is masked by its own name', () => {
  const lines: string[] = [];
  const log = createLog('debug', line => lines.push(line.replace(/^\S+ /, '')));
  log.warn('asked for the token:', {
    path: '/x/token:',
    n: 1,
    token: 'geheim',
    why: 'pw: geheim and more',
    config: { password: 'geheim', list: [{ apitoken: 'geheim', cores: 2 }] },
    next: 'kept',
  });
  expect(lines).toEqual([
    'warn asked for the token: path=/x/token: n=1 token=(secret) why="pw: (secret) and more" config={"password":"(secret)","list":[{"apitoken":"(secret)","cores":2}]} next=kept\n',
  ]);
});

test('a fault in an option keeps its words and its example', () => {
  const fault = 'PROXMOX_TOKEN: the realm is missing. Example: PROXMOX_TOKEN=mpc@pve!mpc=1234';
  expect(describeFailure(new UsageError(fault))).toBe(`${fault}\n`);
});
