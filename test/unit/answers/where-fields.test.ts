import { describe, expect, test } from 'vitest';
import { guestBook } from '../../../src/answers/guests/fields.ts';
import type { GuestFacts } from '../../../src/answers/guests/sources.ts';
import { bindConditions, meetsAll } from '../../../src/answers/where/bind.ts';
import { parseConditions } from '../../../src/answers/where/grammar.ts';
import { whyNone } from '../../../src/answers/where/none.ts';
import { UsageError } from '../../../src/errors.ts';
import { GUEST_TYPES } from '../../../src/model/resource.ts';
import type { GuestConfig } from '../../../src/model/state.ts';
import { VIEWS } from '../../../src/sql/catalogue.ts';
import { someOf } from '../../support/given.ts';

const CLOCK = { now: Date.parse('2026-11-20T12:00:00Z'), timeZone: 'UTC' };
const BOOK = guestBook(GUEST_TYPES);
const DAY = 86_400_000;

function guest(vmid: number, config: GuestConfig, days: number[] = []): GuestFacts {
  const snapshots = Object.fromEntries(days.map((ago, index) => [`s${index}`, CLOCK.now - ago * DAY]));
  return someOf<GuestFacts>({
    type: 'vm',
    vmid,
    config: { config, pending: null, snapshots },
    interfaces: [{ name: 'eth0', mac: 'BC:24:11:00:00:01', ips: [`10.0.0.${vmid}/24`] }],
  });
}

const disk = (volume: string, size: string) => ({ volume, size });
const GUESTS = [
  guest(1, {
    memory: 4096,
    ostype: 'l26',
    scsi0: disk('fast:vm-1-disk-0', '20G'),
    net0: { model: 'virtio', macaddr: 'BC:24:11:00:00:01', bridge: 'vmbr0', tag: 20 },
  }),
  guest(
    2,
    {
      memory: 16_384,
      ostype: 'win11',
      cpu: { cputype: 'host' },
      agent: { enabled: 1 },
      scsi0: disk('slow:vm-2-disk-0', '200G'),
      scsi1: disk('fast:vm-2-disk-1', '8G'),
      ide2: { media: 'cdrom', volume: 'none' },
      net0: { model: 'virtio', bridge: 'vmbr1' },
    },
    [3, 40],
  ),
];

function chosen(where: string): number[] {
  const bound = bindConditions(parseConditions(where), BOOK, CLOCK);
  return GUESTS.filter(one => meetsAll(bound, one) === true).map(one => one.vmid);
}

function refusal(where: string): string {
  try {
    chosen(where);
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    return `${(error as UsageError).message} ${(error as UsageError).hint}`;
  }
  return 'taken';
}

describe('fields as people name them', () => {
  test.each([
    ['mem>8G', [2]],
    ['ram>=16 GB', [2]],
    ['memory_mib<8192', [1]],
    ['os=win*', [2]],
    ['ostype!=win*', [1]],
    ['cpu_type=host', [2]],
    ['cpu.type=host', [2]],
    ['ip=10.0.0.2', [2]],
    ['mac=bc:24:11:00:00:01', [1]],
    ['vlan=20', [1]],
    ['bridge in (vmbr0, vmbr9)', [1]],
    ['storage=fast', [1, 2]],
    ['agent=disabled', [1]],
    ['disk>100G', [2]],
    ['disks>1', [2]],
    ['disks=1', [1]],
    ['nics!=1', []],
    ['snapshots=0', [1]],
    ['snapshots>=2', [2]],
    ['!snapshots>0', [1]],
    ['snapshot>30d', [2]],
    ['snapshots>30d', [2]],
    ['cdroms=1', [2]],
    ['description=""', [1, 2]],
    ["agent!=''", [2]],
  ])('%s finds %j', (where, wanted) => {
    expect(chosen(where)).toEqual(wanted);
  });

  test.each([
    ['memory>8', 'no guest has as little as 8 MiB. Example: memory>8G.'],
    ['cpu>4', 'cpus, cpu_percent'],
    ['memory>cpus', 'query_sql compares columns'],
    ['cpu>50%', 'Example: cpu_percent>50%.'],
    ['name~^web.*', 'Example: name~web*.'],
    ['name~01$', 'Example: name~*01.'],
    ['node=pve1,pve2', 'write node=pve1|pve2.'],
    ['running', 'Did you mean status=running?'],
    ['privileged', 'Did you mean !unprivileged?'],
    ['xyzzy=1', 'is no field of guests'],
  ])('%s is refused with what was meant', (where, wanted) => {
    expect(refusal(where)).toContain(wanted);
  });

  test('a column of the view of guests is a field of the lists by the same name', () => {
    const missing = Object.keys(VIEWS.guests.columns).filter(name => BOOK.find(name) === undefined);
    // When it was created, and seen, only the view tells.
    expect(missing).toEqual(['created_at', 'seen_at']);
  });
});

describe('why nothing meets conditions', () => {
  const why = (where: string) =>
    whyNone(bindConditions(parseConditions(where), BOOK, CLOCK), GUESTS, BOOK, CLOCK.timeZone);

  test('names the values there are, and the conditions that hold alone', () => {
    expect(why('ostype=windows')).toEqual(['"ostype=windows": none; ostype is l26 (1), win11 (1).']);
    expect(why('disk(bus=ide)')).toEqual(['"disk(bus=ide)": none; disk.bus is scsi (2).']);
    expect(why('memory>1T, agent')).toEqual([
      '"memory>1T": none; memory is 4096 (1), 16384 (1).',
      '"agent" alone: 1.',
    ]);
    expect(why('nic.tag=99')).toEqual(['"nic.tag=99": none; nic.tag is 20 (1), absent (1).']);
  });

  test('shows no secret', () => {
    const hidden = guest(3, { cipassword: 'hunter2' });
    const lines = whyNone(
      bindConditions(parseConditions('cipassword=, description=x'), BOOK, CLOCK),
      [hidden],
      BOOK,
      'UTC',
    );
    expect(lines.join()).not.toContain('hunter2');
  });
});
