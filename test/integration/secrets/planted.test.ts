import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Lab, startLab } from '../../support/lab.ts';
import { KINDS } from '../../support/secret-kinds.ts';
import { FOREIGN_SECRET_NOTES, SECRET_NOTES } from '../../support/secret-notes.ts';

/*
 * Secrets of every kind in every place that holds text: none is in the store, in an answer, or found by a search; that one
 * was changed is told, what it was and is now is not.
 */

let lab: Lab;
let plain: string[];
beforeAll(async () => {
  lab = await startLab({ guests: 12 });
  plain = Object.values(lab.sim.truth.state().guests)
    .filter(guest => Object.keys(guest.pending).length === 0 && guest.type === 'qemu')
    .map(guest => `vm/${guest.vmid}`);
});
afterAll(() => lab.close());

const vmids = () => plain.slice(0, 3).map(key => Number(key.slice(3)));

/** The kinds whose secrets can be told from any other text. */
const told = [
  ...KINDS,
  ...[...SECRET_NOTES, ...FOREIGN_SECRET_NOTES]
    .filter((_, at) => at % 12 === 0)
    .map(note => ['a note', note, 'canaryA1'] as const),
].flatMap(([kind, text, secrets]) => {
  const all = [secrets].flat();
  return all.every(secret => secret.length > 5) ? [{ kind, text, secrets: all }] : [];
});

/** All that tools say of the guests and storages with the secrets. */
async function outputs(): Promise<string> {
  const [a, b] = vmids();
  const calls: [string, object][] = [
    ...[a, b].flatMap((id): [string, object][] => [
      ['get_resource', { resource: id, detail: 'full' }],
      ['get_resource', { resource: id, at: 'now' }],
      ['show_history', { resource: id }],
    ]),
    ['diff_state', {}],
    ['show_history', {}],
    ['get_resource', { resource: 'storage/nas' }],
    ['list_vms', { detail: 'full' }],
    ['list_storage', {}],
    ['list_tasks', {}],
    ['get_cluster_status', { detail: 'full' }],
    ['discover', {}],
  ];
  const said: string[] = [];
  for (const [tool, args] of calls) said.push(JSON.stringify(await lab.runner.run(tool, args)));
  return said.join('\n');
}

async function look(deep = true): Promise<void> {
  lab.sim.clock.advance(60_000);
  await lab.discover({ deep });
}

function plant(secretOf: (secret: string) => string): void {
  const { world } = lab.sim;
  const [note, other, device] = vmids();
  const text = (one: (typeof told)[number]) =>
    one.secrets.reduce((whole, secret) => whole.replaceAll(secret, secretOf(secret)), one.text);
  const half = Math.ceil(told.length / 2);
  world.editConfig(note!, { description: told.slice(0, half).map(text).join('\n\n') });
  world.editConfig(other!, { description: told.slice(half).map(text).join('\n\n') });
  world.editConfig(device!, {
    cipassword: secretOf('canaryCi1'),
    args: `-object secret,id=s,data=${secretOf('canaryArgs1')} -x key=${secretOf('canaryArgs2')}`,
    net3: `virtio=BC:24:11:00:00:77,bridge=vmbr0,password=${secretOf('canaryNet1')}`,
    hookscript: `nas:snippets/x.pl --token ${secretOf('canaryHook1')}`,
  });
  // What fails is kept, too: why something could not be seen, in Proxmox's words.
  lab.sim.faults.clear();
  lab.sim.faults.add({
    match: /\/(?:replication|content)$|^\/pools$/,
    kind: 'status',
    reason: `mount error: -o user=a,password=${secretOf('canaryRefused1')}`,
    body: JSON.stringify({ data: null, errors: { x: `token: ${secretOf('canaryRefused2')}` } }),
  });
  world.editStorage('nas', {
    options: {
      server: '10.0.0.1',
      truenas_api_token: secretOf('canaryNas1'),
      apitoken: secretOf('canaryNas2'),
      comment: `login https://bob:${secretOf('canaryNas3')}@nas/`,
    },
  });
}

const PLACES = [
  'canaryCi1',
  'canaryArgs1',
  'canaryArgs2',
  'canaryNet1',
  'canaryHook1',
  'canaryNas1',
  'canaryNas2',
  'canaryNas3',
  'canaryRefused1',
  'canaryRefused2',
];
const all = [...new Set([...told.flatMap(({ secrets }) => secrets), ...PLACES])];
/** Words that are passwords by themselves: a letter changed, they are words like others. */
const COMMON: { [word: string]: string } = { changeme: 'letmein', calvin: 'superuser' };
/** Another secret of the same form. */
const other = (secret: string) => {
  if (COMMON[secret] !== undefined) return COMMON[secret];
  const [was] = secret[2]!;
  const pair = /\d/.test(was!) ? '12' : /[a-z]/.test(was!) ? 'ab' : 'AB';
  return `${secret.slice(0, 2)}${was === pair[0] ? pair[1] : pair[0]}${secret.slice(3)}`;
};

test('in every place, first as they are, then changed: in no answer and not in the store', async () => {
  await look();
  lab.sim.clock.advance(60_000);
  plant(secret => secret);
  await look();
  const before = await outputs();
  expect(all.filter(secret => before.includes(secret))).toEqual([]);

  lab.sim.clock.advance(3_600_000);
  const { next_from: from } = await lab.call('diff_state', {});
  plant(other);
  await look();
  const after = await outputs();
  expect(all.filter(secret => after.includes(secret) || after.includes(other(secret)))).toEqual([]);

  const { changes } = await lab.call('diff_state', { from });
  const fields = changes.flatMap(change =>
    change.fields.map(field => [`${change.resource} ${field.path}`, field]),
  );
  const told = Object.fromEntries(fields);
  const [note, second, device] = vmids();
  for (const path of [
    `vm/${note} config.description`,
    `vm/${second} config.description`,
    'storage/nas options.truenas_api_token',
    'storage/nas options.apitoken',
    'storage/nas options.comment',
  ])
    expect(told[path]?.to, path).toContain('(secret changed)');
  expect(told['storage/nas options.apitoken']).toEqual({
    path: 'options.apitoken',
    from: '(secret)',
    to: '(secret changed)',
  });
  expect(JSON.stringify(changes.filter(one => one.resource === `vm/${device}`))).toContain(
    '(secret changed)',
  );

  // Nor in the file, whatever table it may stand in.
  for (const file of ['store.db', 'store.db-wal']) {
    const bytes = await readFile(join(lab.folder, file), 'latin1').catch(() => '');
    expect(
      all.filter(secret => bytes.includes(secret)),
      file,
    ).toEqual([]);
  }
});

test('a search neither shows nor confirms them, nor their seals', async () => {
  const [seal] = /(?<=\(secret~)[0-9a-f]{4}/.exec(JSON.stringify(await lab.store.storages()))!;
  for (const query of ['canaryNas', 'aryNas', 'nas2', 'cana', 'yNet', seal!, `secret~${seal}`]) {
    const { matches, hint } = await lab.call('find_resources', { query });
    expect(JSON.stringify([matches, hint]), query).not.toMatch(/canary|~[0-9a-f]{4}/);
    expect(
      matches.filter(match => /description|options|args/.test(`${match.field} ${match.also}`)),
      query,
    ).toEqual([]);
  }
});

test('a store of an older version is cleaned, and nothing of it is a change', async () => {
  const { repositories } = lab.store;
  const [note] = vmids();
  const text = 'login: admin\npassword: canaryOld1\nhttps://bob:canary/Old2@host/';
  lab.sim.world.editConfig(note!, { description: text });
  await look();
  // As it was stored before there were seals.
  const unsealed = <T>(value: T) =>
    JSON.parse(
      JSON.stringify(value).replace(
        /password: \(secret~[0-9a-f]{4}\)\\nhttps:\/\/bob:\(secret~[0-9a-f]{4}\)/g,
        'password: canaryOld1\\nhttps://bob:canary/Old2',
      ),
    ) as T;
  const key = { type: 'vm', id: note! } as const;
  const [stored] = await lab.store.configs([key]);
  await repositories.guestConfigs.update(key, { config: unsealed(stored!.config) });
  const versions = await lab.store.versions({ resource: { type: 'vm', id: String(note) } });
  for (const { id, state, fields } of versions)
    await repositories.stateSnapshots.update(id, { state: unsealed(state), fields: unsealed(fields) });
  const [task] = (await lab.store.tasks()).rows;
  await repositories.tasks.update(task!.upid, { exitStatus: 'failed: token=canaryOld3' });
  await lab.store.saveNote('store: generation of seals', '0');
  expect(JSON.stringify(await lab.store.versions({}))).toContain('canaryOld1');

  const { seq } = (await lab.store.lastCommit())!;
  await look();
  const since = (await lab.store.versions({ after: seq })).filter(
    version => version.resourceId === String(note),
  );
  expect(since).toEqual([]);
  const kept = JSON.stringify([
    await lab.store.versions({}),
    await lab.store.configs([key]),
    (await lab.store.tasks()).rows,
  ]);
  expect(kept).not.toMatch(/canary\/?Old/);
});

test('what an older version took for a secret, or saw end elsewhere, is no change; what is changed later is', async () => {
  const { repositories } = lab.store;
  const [, guest] = vmids();
  const description = 'tokenring in rack 4, blue cable';
  lab.sim.world.editConfig(guest!, { description });
  await look();
  const key = { type: 'vm', id: guest! } as const;
  const stored = async () => (await lab.store.configs([key]))[0]!.config;
  await repositories.guestConfigs.update(key, {
    config: { ...(await stored()), description: 'tokenring in (secret~12ab) 4, (secret~34cd)' },
  });
  await lab.store.saveNote('store: generation of seals', '0');
  const { seq } = (await lab.store.lastCommit())!;
  const changed = async (edit: { [key: string]: string | number }) => {
    lab.sim.world.editConfig(guest!, edit);
    await look();
    const [newest] = await lab.store.versions({ after: seq, resource: { type: 'vm', id: String(guest) } });
    return newest!.fields;
  };

  expect(await changed({ onboot: 1, startup: 'order=9' })).toMatchObject([
    { path: 'config.onboot' },
    { path: 'config.startup.order' },
  ]);
  expect(await stored()).toMatchObject({ description });
  expect(await changed({ description: 'tokenring in rack 5' })).toMatchObject([
    { path: 'config.description', from: description, to: 'tokenring in rack 5' },
  ]);
});
