import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  deniedBy,
  disksWaiting,
  kindsOfStep,
  type PermitGuest,
  type PermitStep,
} from '../../../src/apply/permit.ts';
import { leftOutOf } from '../../../src/desired/scope.ts';
import type { Subject } from '../../../src/desired/subject.ts';
import { CONFIG_KEYS } from '../../../src/model/config/index.ts';
import { GUEST_TYPES, type GuestType } from '../../../src/model/resource.ts';
import { WRITE_KINDS, type WriteKind, type WriteScope } from '../../../src/model/writing.ts';

const ALL = { kinds: WRITE_KINDS, only: null };
const step = (path: string, to: PermitStep['to'], more: Partial<PermitStep> = {}): PermitStep => ({
  path,
  from: null,
  to,
  effect: 'now',
  ...more,
});
const guest = (more: Partial<PermitGuest> = {}): PermitGuest => ({
  type: 'vm',
  tags: [],
  pool: null,
  template: false,
  ...more,
});

/** Every field there is of a guest, cards and disks with a number, and each part of those that have parts. */
function pathsOf(type: GuestType): string[] {
  const keys = Object.entries(CONFIG_KEYS[type]).flatMap(([name, { parts }]) => {
    const path = `config.${name.replace('*', '0')}`;
    return [path, ...Object.keys(parts ?? {}).map(part => `${path}.${part}`)];
  });
  const own = [
    'name',
    'tags',
    'pool',
    'template',
    'node',
    'status',
    'ha',
    'snapshots',
    'lock',
    'acl',
    'firewall',
  ];
  return [...own, ...keys];
}

const KINDS: { readonly [kind in WriteKind]: { readonly [type in GuestType]: RegExp } } = {
  tags: { vm: /^tags$/, container: /^tags$/ },
  notes: { vm: /^config\.description$/, container: /^config\.description$/ },
  options: {
    vm: /^(?:name|config\.(?:onboot|protection|agent(?:\..*)?))$/,
    container: /^(?:name|config\.(?:onboot|protection|startup(?:\..*)?))$/,
  },
  cpu: {
    vm: /^config\.(?:cores|sockets|vcpus|cpulimit|cpuunits|numa|cpu(?:\..*)?)$/,
    container: /^config\.(?:cores|cpulimit|cpuunits)$/,
  },
  memory: { vm: /^config\.(?:memory|balloon|shares)$/, container: /^config\.(?:memory|swap)$/ },
  network: { vm: /^config\.net0\..*$/, container: /^config\.net0\..*$/ },
  power: { vm: /^status$/, container: /^status$/ },
  migrate: { vm: /^node$/, container: /^node$/ },
  snapshot: { vm: /^snapshots$/, container: /^snapshots$/ },
};

/** A value that the field may be brought to. */
function goodValue(path: string): PermitStep['to'] {
  if (path === 'status') return 'running';
  return /protection|firewall/.test(path) ? 1 : 'x';
}

test.each(
  GUEST_TYPES,
)('each field of a %s has the one kind it is said to have, or is never written', type => {
  const paths = pathsOf(type);
  expect(paths.length).toBeGreaterThan(60);
  for (const path of paths) {
    const kinds = WRITE_KINDS.filter(kind => KINDS[kind][type].test(path));
    const denial = deniedBy(step(path, goodValue(path)), guest({ type }), ALL);
    expect([path, denial?.kind ?? 'allowed']).toEqual([path, kinds.length === 0 ? 'never' : 'allowed']);
    for (const one of WRITE_KINDS) {
      const policy = { kinds: WRITE_KINDS.filter(kind => kind !== one), only: null };
      const without = deniedBy(step(path, goodValue(path)), guest({ type }), policy);
      if (kinds.length === 0) expect(without?.kind).toBe('never');
      else expect([path, one, without?.needs ?? []]).toEqual([path, one, kinds.includes(one) ? [one] : []]);
    }
  }
});

test('what restarts a guest needs power as well', () => {
  const restarts = step('config.memory', 8192, { effect: 'restarts it' });
  expect(kindsOfStep('vm', restarts)).toEqual(['memory', 'power']);
  expect(deniedBy(restarts, guest(), { kinds: ['memory'], only: null })).toMatchObject({
    kind: 'kind',
    needs: ['power'],
    why: 'PROXMOX_MPC_WRITE does not have power',
  });
});

const some = <T>(values: readonly T[]) => fc.constantFrom(...values);
const tagList = fc.subarray(['lab', 'Lab', 'prod', 'mpc-locked', 'MPC-Locked']);
const scopes = some<WriteScope | null>([null, { tag: 'lab' }, { pool: 'dev' }]);
const value = (path: string) =>
  path === 'tags'
    ? tagList
    : some<PermitStep['to']>([null, '', 0, 1, true, false, '0', '1', 'off', 'running', 'stopped', 'x', 8192]);
const cases = some(GUEST_TYPES).chain(type =>
  some(pathsOf(type)).chain(path =>
    fc.record({
      type: fc.constant(type),
      step: fc.record({
        path: fc.constant(path),
        from: value(path),
        to: value(path),
        effect: some(['now', 'restarts it'] as const),
      }),
      tags: tagList,
      pool: some([null, 'dev', 'prod']),
      template: fc.boolean(),
      only: scopes,
      kinds: fc.subarray([...WRITE_KINDS]),
    }),
  ),
);

test('what one gate lets through that is never to be done, the other does not: planning and applying agree', () => {
  fc.assert(
    fc.property(cases, ({ type, step: asked, only, kinds, ...facts }) => {
      const card = { model: 'virtio', macaddr: 'BC:24:11:00:00:01', hwaddr: 'BC:24:11:00:00:01' };
      const subject = { ...facts, type, resource: 'vm/1', config: { net0: card } } as unknown as Subject;
      const planned = leftOutOf(subject, asked, only);
      const denial = deniedBy(asked, { type, ...facts }, { kinds, only });
      if (planned !== null) expect([asked.path, denial?.kind]).toEqual([asked.path, expect.any(String)]);
      if (denial === null) {
        expect(planned).toBeNull();
        expect(kindsOfStep(type, asked)!.every(kind => kinds.includes(kind))).toBe(true);
        expect(facts.template || facts.tags.some(tag => tag.toLowerCase() === 'mpc-locked')).toBe(false);
        if (only !== null && 'tag' in only)
          expect(facts.tags.some(tag => tag.toLowerCase() === only.tag)).toBe(true);
        if (only !== null && 'pool' in only) expect(facts.pool).toBe(only.pool);
      }
    }),
    { numRuns: Number(process.env['PROPERTY_RUNS'] ?? 3_000) },
  );
});

test.each<[string, PermitStep]>([
  ['protection off', step('config.protection', 0, { from: 1 })],
  ['protection left to its default', step('config.protection', null, { from: 1 })],
  ['the lock set', step('tags', ['mpc-locked', 'a'], { from: ['a'] })],
  ['the lock removed', step('tags', ['a'], { from: ['a', 'MPC-locked'] })],
  ['the scope set', step('tags', ['lab'], { from: [] })],
  ['the scope removed', step('tags', null, { from: 'lab;x' })],
  ['a card removed', step('config.net0', null)],
  ['a card added', step('config.net9', 'virtio,bridge=vmbr0')],
  ['the firewall of a card off', step('config.net0.firewall', 0, { from: 1 })],
  ['a disk detached', step('config.scsi0', null)],
  ['a disk resized', step('config.scsi0.size', '64G')],
  ['an unused disk destroyed', step('config.unused0', null)],
  ['a snapshot deleted', step('snapshots', null, { from: 's1' })],
  ['a hard stop', step('status', 'stop')],
  ['a lock', step('config.lock', 'backup')],
  ['a template', step('template', true)],
  ['a key of root', step('config.args', '-device x')],
  ['a key that is a prototype’s', step('constructor', 1)],
  ['a key that is a prototype’s, below', step('config.__proto__', 1)],
  ['a path with more to it', step('config.net0.tag.x', 1)],
  ['a path that hides another', step('config.memory\nconfig.scsi0', null)],
])('%s is never done', (_name, asked) => {
  const all = { kinds: WRITE_KINDS, only: { tag: 'lab' } };
  expect(deniedBy(asked, guest({ tags: ['lab'] }), all)?.kind).toBe('never');
});

test.each([
  [{ scsi1: 'local:1/d' }, { scsi1: null }, ['scsi1']],
  [
    {},
    { unused0: 'local:1/d', mp3: 'x', rootfs: 'y', efidisk0: 'z' },
    ['unused0', 'mp3', 'rootfs', 'efidisk0'],
  ],
  [{ ide2: 'local:iso/a.iso,media=cdrom' }, { ide2: null }, []],
  [{ ide2: { volume: 'local:iso/a.iso', media: 'cdrom' } }, { ide2: { volume: 'none', media: 'cdrom' } }, []],
  [{ scsihw: 'a' }, { scsihw: 'b', memory: '1', net0: 'x', idea: 'y', boot: 'z' }, []],
])('of %o with %o waiting, the disks are %j', (values, waiting, disks) => {
  expect(disksWaiting(values, waiting)).toEqual(disks);
});

test.each([
  [guest({ template: true }), ALL, 'never'],
  [guest({ tags: ['MPC-LOCKED'] }), ALL, 'locked'],
  [guest({ tags: ['lab2'] }), { ...ALL, only: { tag: 'lab' } }, 'scope'],
  [guest({ pool: 'dev/web' }), { ...ALL, only: { pool: 'dev' } }, 'scope'],
  [guest({ tags: ['LAB'] }), { ...ALL, only: { tag: 'lab' } }, undefined],
])('%o under %o: %s', (who, policy, kind) => {
  expect(deniedBy(step('config.description', 'x'), who, policy)?.kind).toBe(kind);
});
