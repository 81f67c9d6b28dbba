import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CONFIG_KEYS } from '../../../src/model/config/index.ts';
import { GUEST_TYPES, type GuestType } from '../../../src/model/resource.ts';
import { failure } from '../../../src/proxmox/failure.ts';
import type { Operation } from '../../../src/proxmox/operations/operation.ts';
import { outcomeOf } from '../../../src/proxmox/operations/outcome.ts';
import { refusalOf, taskRefusal } from '../../../src/proxmox/operations/refusal.ts';
import { writeRequest } from '../../../src/proxmox/operations/request.ts';
import { writableKey } from '../../../src/proxmox/operations/writable.ts';
import { refusal } from '../../../src/proxmox/refusal.ts';
import { warningText } from '../../../src/proxmox/warnings.ts';
import { type Exchange, recorded } from '../../support/recorded-writes.ts';
import { KINDS } from '../../support/secret-kinds.ts';

const digest = 'd'.repeat(40);
const MAC = 'BC:24:11:00:00:01';

function config(type: GuestType, set: Record<string, string>, remove: string[] = []): Operation {
  return { kind: 'config', guest: { type, vmid: 100, node: 'pve1' }, set, remove, digest };
}

/** Everything that may be written, by hand: a key that comes to be allowed must be added here. */
const ALLOWED: Record<GuestType, string> = {
  vm: 'tags description onboot protection cores cpulimit cpuunits name agent sockets vcpus cpu numa memory balloon shares',
  container: 'tags description onboot protection cores cpulimit cpuunits hostname startup memory swap',
};

describe.each(GUEST_TYPES)('writing to a %s', type => {
  const known = Object.keys(CONFIG_KEYS[type]).map(key => key.replace('*', '0'));
  const dangerous = [
    'lock',
    'digest',
    'delete',
    'revert',
    'force',
    'skiplock',
    'template',
    'args',
    'boot',
    'parent',
  ];

  test('no key but the writable ones is ever written, deleted or taken back', () => {
    const allowed = new Set([...ALLOWED[type].split(' '), 'net0']);
    for (const key of new Set([
      ...known,
      ...dangerous,
      'startup',
      'scsi0',
      'unused0',
      'rootfs',
      'mp0',
      'constructor',
    ])) {
      expect([key, writableKey(type, key) !== undefined]).toEqual([key, allowed.has(key)]);
      if (allowed.has(key)) continue;
      expect(() => writeRequest(config(type, { [key]: '1' }))).toThrow(/never written/);
      expect(() => writeRequest(config(type, { tags: 'a' }, [key]))).toThrow(/never written/);
      const revert = {
        kind: 'revert',
        guest: { type, vmid: 100, node: 'pve1' },
        keys: [key],
        digest,
      } as const;
      expect(() => writeRequest(revert)).toThrow(/never written/);
    }
  });

  test.each([
    ['protection off', { protection: '0' }, []],
    ['protection deleted', {}, ['protection']],
    ['a name deleted', {}, [type === 'vm' ? 'name' : 'hostname']],
    ['a card deleted', {}, ['net0']],
    ['a card without its MAC', { net0: 'virtio,bridge=vmbr0' }, []],
    ['a masked value', { description: '**********' }, []],
    ['a note in which a secret was sealed', { description: 'login root (secret~1f3a)' }, []],
    ['a note in which a secret was hidden', { description: 'login root (secret)' }, []],
    ['an empty value', { description: '' }, []],
    ['a card that is empty', { net0: '' }, []],
    ['nothing', {}, []],
    ['a key set and deleted', { tags: 'a' }, ['tags']],
  ] as [string, Record<string, string>, string[]][])('refuses %s', (_, set, remove) => {
    expect(() => writeRequest(config(type, set, remove))).toThrow();
  });

  test('any text at all for any key leads to its own path and its own keys', () => {
    const keys = fc.dictionary(fc.oneof(fc.constantFrom(...known), fc.string()), fc.string(), { maxKeys: 4 });
    const remove = fc.array(fc.oneof(fc.constantFrom(...known), fc.string()), { maxLength: 3 });
    fc.assert(
      fc.property(keys, remove, (set, removed) => {
        let request: ReturnType<typeof writeRequest>;
        try {
          request = writeRequest(config(type, set, removed));
        } catch {
          return;
        }
        expect(request.path).toBe(`/nodes/pve1/${type === 'vm' ? 'qemu' : 'lxc'}/100/config`);
        const { digest: sent, delete: gone, ...others } = request.form;
        expect(sent).toBe(digest);
        expect(Object.keys(others).every(key => writableKey(type, key) !== undefined)).toBe(true);
        expect(others['protection'] ?? '1').toBe('1');
        for (const key of gone?.split(',') ?? []) expect(writableKey(type, key)?.kept).toBeUndefined();
      }),
    );
  });

  test('a write without the digest of a reading is not sent', () => {
    for (const bad of ['', 'x', digest.slice(1), `${digest}d`])
      expect(() => writeRequest({ ...config(type, { tags: 'a' }), digest: bad } as Operation)).toThrow(
        /digest/,
      );
  });
});

test('each operation has the request of its kind', () => {
  const guest = { type: 'vm', vmid: 100, node: 'pve1' } as const;
  const base = '/nodes/pve1/qemu/100';
  const cases: [Operation, object][] = [
    [
      config('vm', { tags: 'a' }, ['description']),
      { method: 'PUT', path: `${base}/config`, form: { tags: 'a', delete: 'description', digest } },
    ],
    [
      config('vm', { memory: '2048' }),
      { method: 'POST', path: `${base}/config`, form: { memory: '2048', digest } },
    ],
    [config('vm', { net0: `virtio=${MAC},bridge=vmbr0` }), { method: 'POST' }],
    [config('container', { memory: '2048' }), { method: 'PUT' }],
    [
      { kind: 'revert', guest, keys: ['cores'], digest },
      { method: 'PUT', form: { revert: 'cores', digest } },
    ],
    [
      { kind: 'power', guest, action: 'shutdown' },
      { method: 'POST', path: `${base}/status/shutdown`, form: {} },
    ],
    [
      { kind: 'migrate', guest, target: 'pve2', live: true },
      { path: `${base}/migrate`, form: { target: 'pve2', online: '1' } },
    ],
    [
      { kind: 'migrate', guest: { ...guest, type: 'container' }, target: 'pve2', live: true },
      { form: { target: 'pve2', restart: '1' } },
    ],
    [
      { kind: 'snapshot', guest, name: 'before', description: 'x' },
      { path: `${base}/snapshot`, form: { snapname: 'before', description: 'x' } },
    ],
  ];
  for (const [operation, request] of cases) expect(writeRequest(operation)).toMatchObject(request);
  for (const name of ['current', 'pending', '1abc', 'a', 'a/b', '../x'])
    expect(() => writeRequest({ kind: 'snapshot', guest, name })).toThrow();
  for (const node of ['', '.', '..'])
    expect(() => writeRequest({ kind: 'power', guest: { ...guest, node }, action: 'start' })).toThrow();
});

/** What a recorded call would have been as an operation, as far as a refusal is judged by it. */
function operationOf({ call }: Exchange): Operation {
  const type = call.path.includes('/lxc/') ? 'container' : 'vm';
  const guest = { type, vmid: 100, node: 'pve1' } as const;
  if (call.path.endsWith('/config')) return config(type, {});
  if (call.path.endsWith('/snapshot')) return { kind: 'snapshot', guest, name: 'x1' };
  return { kind: 'power', guest, action: 'start' };
}

const refused = recorded.exchanges.filter(({ answer }) => answer.status >= 400);

test.each(
  refused.map(exchange => [exchange.what, exchange] as const),
)('what is said to be left of "%s" is what was left', (_, exchange) => {
  const { answer, given, digest: moved, pending, call } = exchange;
  const body = JSON.stringify({ data: null, errors: answer.errors });
  const raw = { status: answer.status, reason: answer.reason ?? '', location: undefined, body };
  const outcome = outcomeOf(operationOf(exchange), raw);
  if (answer.status > 590) {
    expect(outcome.kind).toBe(answer.status === 595 ? 'not-sent' : 'unknown');
    return;
  }
  if (call.path.includes('pve9')) {
    expect(outcome.kind).toBe('not-sent');
    return;
  }
  if (outcome.kind !== 'refused') throw new Error(`${outcome.kind} of a refusal`);
  const { leaves, keys, code } = outcome.refusal;
  const left = given?.guest !== undefined && moved === 'other';
  if (left) expect(leaves).toMatch(answer.status === 400 ? /^pending$/ : /^perhaps$/);
  if (leaves === 'nothing') expect(moved).not.toBe('other');
  if (leaves === 'pending') expect(pending!.map(({ key }) => key)).toEqual(expect.arrayContaining([...keys]));
  expect(code).toBeTypeOf('string');
});

test.each([
  ['VM is locked (backup)', 'locked', 'nothing'],
  ['CT is locked (snapshot)', 'locked', 'nothing'],
  ['checksum mismatch (file change by other user?)', 'digest-moved', 'nothing'],
  ['detected modified configuration - file changed by other user? Try again.', 'digest-moved', 'nothing'],
  ["can't lock file '/var/lock/qemu-server/lock-101.conf' - got timeout", 'busy', 'nothing'],
  ['cluster not ready - no quorum?', 'no-quorum', 'nothing'],
  ["error with cfs lock 'file-user_cfg': no quorum!", 'no-quorum', 'nothing'],
  ["can't remove drive 'scsi0' - protection mode enabled", 'protected', 'perhaps'],
  ["Configuration file 'nodes/pve1/qemu-server/100.conf' does not exist", 'missing', 'perhaps'],
  ['VM 101 already running', 'power', 'nothing'],
  ['403 Permission check failed (/storage/local, Datastore.AllocateSpace)', 'forbidden', 'perhaps'],
  ["only root can set 'args' config", 'invalid', 'nothing'],
  ['something nobody has seen yet', 'failed', 'perhaps'],
  [
    '400 Parameter verification failed. net0: hotplug problem - interface vmbr9 does not exist',
    'unplugged',
    'pending',
  ],
] as const)('a task that ends with "$0" was refused as $1 and leaves $2', (exitstatus, code, leaves) => {
  expect(taskRefusal(config('vm', {}), exitstatus)).toMatchObject({ code, leaves });
});

test('a task’s refusal names the keys that wait, a lock’s what holds the guest', () => {
  const text = '400 Parameter verification failed. net0: hotplug problem - x net12: hotplug problem - y';
  expect(taskRefusal(config('vm', {}), text).keys).toEqual(['net0', 'net12']);
  expect(taskRefusal(config('vm', {}), 'VM is locked (backup)').lock).toBe('backup');
});

test('nothing that Proxmox did not say itself is taken for a refusal', () => {
  fc.assert(
    fc.property(fc.integer({ min: 100, max: 999 }), fc.string(), fc.string(), (status, reason, body) => {
      const outcome = outcomeOf(config('vm', {}), { status, reason, location: undefined, body });
      if (status === 200) expect(outcome.kind).not.toBe('refused');
      if (outcome.kind === 'not-sent') expect([595, 500]).toContain(status);
      if (outcome.kind === 'refused') expect([400, 401, 403, 500, 501, 506]).toContain(status);
    }),
  );
});

// Kills: what failed, kept in the store as Proxmox or a program that it ran said it.
test.each(KINDS)('no text of a failure holds a secret: %s', (_, text, secrets) => {
  const body = JSON.stringify({ data: null, message: text, errors: { x: text } });
  const answer = { status: 500, reason: text, location: undefined, body };
  const said = [
    refusal('/nodes/pve1/status', answer, 'mcp@pve!mpc'),
    failure(new Error(text), {
      origin: 'https://h:8006',
      path: '/',
      timeoutMs: 1,
      connected: true,
      answered: true,
    }),
    outcomeOf(config('vm', {}), answer),
    taskRefusal(config('vm', {}), text),
    warningText({ endpoint: '/x', what: 'row', reason: 'odd', count: 1, rows: [text] }),
  ].map(one => JSON.stringify(one instanceof Error ? [one.message, { ...one }] : one));
  for (const secret of [secrets].flat())
    expect(said.join()).not.toContain(JSON.stringify(secret).slice(1, -1));
});

test('the texts of a refusal are one line each, whatever Proxmox sends', () => {
  fc.assert(
    fc.property(fc.string(), fc.dictionary(fc.string(), fc.string()), (reason, errors) => {
      const { says } = refusalOf(config('vm', {}), { status: 400, reason, errors });
      expect(says).not.toMatch(/[\n\r]/);
      expect(says.length).toBeLessThan(600);
    }),
  );
});
