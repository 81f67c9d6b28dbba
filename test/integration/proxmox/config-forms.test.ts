import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Lab, startLab } from '../../support/lab.ts';

const flags = ['true', 'yes', 'on', 'TRUE', 'Yes', 'On'];
const off = ['false', 'no', 'off', 'FALSE', 'No', ''];
/** A configuration as PVE 9 writes it, and other ways to write the same. */
const forms: [key: string, plain: string, others: string[]][] = [
  ['agent', '1', [...flags, ...flags.map(word => `enabled=${word}`), 'enabled=1']],
  ['agent', '0', [...off.filter(word => word !== ''), ...off.map(word => `enabled=${word}`)]],
  ['onboot', '1', flags],
  ['protection', '0', off],
  ['numa', '1', flags],
  ['kvm', '0', off],
  ['memory', '2048', ['current=2048']],
  ['balloon', '1024', ['current=1024']],
  ['cores', '4', ['current=4']],
  ['cpu', 'host,hidden=1', ['cputype=host,hidden=on', 'hidden=yes,host']],
  ['scsi3', 'local:1/x.raw,iothread=1,ssd=1', ['file=local:1/x.raw,ssd=on,iothread=true']],
  ['virtio3', 'local:1/x.raw,backup=0', ['local:1/x.raw,backup=no', 'volume=local:1/x.raw,backup=off']],
  ['sata3', 'local:1/x.raw,ro=1', ['ro=yes,file=local:1/x.raw']],
  ['ide3', 'none,media=cdrom', ['file=none,media=cdrom', 'media=cdrom,volume=none']],
  ['unused0', 'local:1/x.raw', ['file=local:1/x.raw', 'volume=local:1/x.raw']],
  [
    'net5',
    'virtio=BC:24:11:00:00:01,bridge=vmbr0,firewall=1',
    ['model=virtio,macaddr=BC:24:11:00:00:01,bridge=vmbr0,firewall=true'],
  ],
  ['boot', 'cdn', ['legacy=cdn']],
  ['startup', 'order=3', ['3']],
  ['vga', 'std', ['type=std']],
  ['hostpci0', '0000:01:00.0,pcie=1', ['host=0000:01:00.0,pcie=on']],
  ['smbios9', 'x', ['x']],
];

/** What was read of each: as PVE 9 writes it first, then in every other form. */
const read = new Map<string, unknown[]>();
const nameOf = ([key, plain]: (typeof forms)[number]) => `${key}: ${plain}`;
let lab: Lab;
let versions: { before: number; after: number }[];

/** Every key of one VM takes its n-th form at the same time: they have nothing to do with each other. */
async function readForms(some: typeof forms): Promise<{ before: number; after: number }> {
  const vmid = lab.sim.world.find({ type: 'qemu', status: 'running', template: false, ha: false })[0]!;
  const look = async (formOf: (form: (typeof forms)[number]) => string) => {
    const forget = lab.sim.faults.add({
      match: new RegExp(`/qemu/${vmid}/pending$`),
      kind: 'alter',
      alter: (rows: { key: string }[]) => [
        ...rows.filter(row => !some.some(([key]) => key === row.key)),
        ...some.map(form => ({ key: form[0], value: formOf(form) })),
      ],
    });
    lab.sim.clock.advance(31_000);
    await lab.discover({ facets: ['inventory', 'config'], deep: true });
    forget();
    const [stored] = await lab.store.configs([{ type: 'vm', id: vmid }]);
    for (const form of some)
      read.set(nameOf(form), [...(read.get(nameOf(form)) ?? []), stored!.config[form[0]]]);
  };
  await look(([, plain]) => plain);
  const before = await lab.store.countVersions({});
  const longest = Math.max(...some.map(([, , others]) => others.length));
  for (let n = 0; n < longest; n++) await look(([, plain, others]) => others[n] ?? plain);
  return { before, after: await lab.store.countVersions({}) };
}

beforeAll(async () => {
  lab = await startLab({ guests: 8, configMaxAgeMs: 0 });
  // A key that is there twice, on and off, is looked at in a second round.
  const first = forms.filter(([key], at) => forms.findIndex(([other]) => other === key) === at);
  versions = [await readForms(first), await readForms(forms.filter(form => !first.includes(form)))];
});
afterAll(() => lab.close());

test.each(forms)('%s: %s is read as the same in every form', (key, plain, others) => {
  const [asWritten, ...rest] = read.get(`${key}: ${plain}`)!;
  expect(asWritten).toBeDefined();
  expect(rest.length).toBeGreaterThanOrEqual(others.length);
  for (const [n, one] of rest.entries()) expect(one, others[n]).toEqual(asWritten);
});

test('another form of a value is no change', () => {
  for (const { before, after } of versions) expect(after).toBe(before);
});
