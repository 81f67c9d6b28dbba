import { type FieldDeclaration, from } from './field-declaration.ts';
import type { ResourceType } from './resource.ts';
import { SETTING_FIELDS } from './setting-fields.ts';

const GUESTS: ResourceType[] = ['vm', 'container'];
const rows = '/cluster/resources';
const pending = '/nodes/{node}/{qemu|lxc}/{vmid}/pending';

/** Every field that the store knows, with its only source. docs/fields.md is generated from it. */
export const FIELDS: readonly FieldDeclaration[] = [
  ...from(
    '/cluster/status',
    'inventory',
    ['cluster'],
    [
      [
        'quorate',
        'state',
        'quorate',
        { note: 'As the node that answers tells. A node without cluster has none.' },
      ],
      ['votes', 'state', 'online', { note: 'The votes of the nodes that the answering node sees.' }],
    ],
  ),
  ...from(
    '/cluster/config/nodes',
    'inventory',
    ['cluster'],
    [
      [
        'expected_votes',
        'state',
        'quorum_votes',
        { note: 'Of all nodes. A QDevice has its vote elsewhere; it is not counted.' },
      ],
    ],
  ),
  ...from(
    '/nodes/{node}/status',
    'details',
    ['cluster'],
    [
      [
        'versions',
        'state',
        'pveversion',
        { note: 'Those that nodes run, each once; of a node that is off the last one read.' },
      ],
    ],
  ),
  ...from(rows, 'inventory', GUESTS, [
    [
      'status',
      'state',
      'status',
      {
        note: 'A move is confirmed at the guest (`status/current`) before it makes history. `unknown` is not an observation; a start for a backup and what passes by itself (`save-vm`, `finish-migrate` ...) are ignored.',
      },
    ],
    ['node', 'state', 'node'],
    ['pool', 'state', 'pool', { note: 'Its absence counts only while the token may audit the former pool.' }],
    [
      'ha',
      'state',
      'hastate',
      { note: 'Lasting states only: started, stopped, disabled, ignored, error, fence.' },
    ],
    [
      'lock',
      'state',
      'lock',
      { note: 'Only `suspended` and `suspending`; passing locks are shown but make no history.' },
    ],
    [
      'started_at',
      'state',
      'uptime',
      {
        unit: 'time',
        note: 'Now minus uptime, moved when the boot time moved by more than a minute while running on the same node.',
      },
    ],
    ['cpuUsage', 'usage', 'cpu', { unit: 'fraction' }],
    [
      'cpuCores',
      'usage',
      'maxcpu',
      {
        unit: 'cores',
        note: 'Capped at the host; the configured number is `config.cores` x `config.sockets`.',
      },
    ],
    ['memoryUsage', 'usage', 'mem', { unit: 'bytes' }],
    ['memoryBytes', 'usage', 'maxmem', { unit: 'bytes' }],
    [
      'diskUsage',
      'usage',
      'disk',
      { unit: 'bytes', note: 'Always 0 for VMs, and therefore not kept for them.' },
    ],
    [
      'diskSize',
      'usage',
      'maxdisk',
      { unit: 'bytes', note: 'For containers it depends on whether they run.' },
    ],
    ['networkIn', 'usage', 'netin', { unit: 'bytes' }],
    ['networkOut', 'usage', 'netout', { unit: 'bytes' }],
    ['uptime', 'usage', 'uptime', { unit: 'seconds' }],
  ]),
  ...from(pending, 'config', GUESTS, [
    [
      'name',
      'state',
      'name, hostname',
      {
        note: 'Shown from the listing until the configuration has been read. The placeholders `VM 104` and `CT201` are no names.',
      },
    ],
    ['tags', 'state', 'tags', { note: 'Sorted; `,`, `;` and blanks separate.' }],
    ['template', 'state', 'template'],
    ['config.*', 'state', 'value', { note: 'Running values; property strings are split into subfields.' }],
    [
      'pending.*',
      'state',
      'pending, delete',
      { note: 'Values waiting for a restart; a pending deletion is `(deleted)`.' },
    ],
    ['config.digest, parent, lock, meta, snaptime, runningmachine', 'ignored', '(same)'],
  ]),
  ...from('/nodes/{node}/{qemu|lxc}/{vmid}/snapshot', 'config', GUESTS, [
    [
      'snapshots.*',
      'state',
      'snaptime',
      { unit: 'time', note: 'The pseudo entry `current` is no snapshot.' },
    ],
  ]),
  ...from(
    rows,
    'inventory',
    ['node'],
    [
      [
        'status',
        'state',
        'status',
        {
          note: 'Must agree with /cluster/status where that is readable; not judged without quorum, or where that cannot be read and no majority is online.',
        },
      ],
      ['started_at', 'state', 'uptime', { unit: 'time' }],
      ['cpuUsage', 'usage', 'cpu', { unit: 'fraction' }],
      ['cpuMax', 'usage', 'maxcpu', { unit: 'cores' }],
      ['memoryUsage', 'usage', 'mem', { unit: 'bytes' }],
      ['memoryMax', 'usage', 'maxmem', { unit: 'bytes' }],
      ['uptime', 'usage', 'uptime', { unit: 'seconds' }],
    ],
  ),
  ...from(
    '/nodes/{node}/status',
    'details',
    ['node'],
    [
      [
        'version',
        'state',
        'pveversion',
        { note: 'From `/nodes/{node}/version` where the token may not read the status.' },
      ],
    ],
  ),
  ...from(
    '/storage',
    'storage',
    ['storage'],
    [
      ['type', 'state', 'type'],
      ['content', 'state', 'content'],
      ['shared', 'state', 'shared'],
      ['enabled', 'state', 'disable'],
      ['nodes', 'state', 'nodes'],
      ['options.*', 'state', '(the rest of the definition)'],
      ['digest', 'ignored', 'digest', { note: 'It belongs to the file: one edited storage changes all.' }],
    ],
  ),
  ...from(
    '/nodes/{node}/storage',
    'storage',
    ['storage'],
    [
      ['unreachable', 'state', 'active', { note: 'Nodes on which an enabled storage is not active.' }],
      [
        'unreachable_reasons.*',
        'state',
        '(refusal of its content)',
        { note: 'Why one is not, by node, in the words of Proxmox; asked once in a quarter of an hour.' },
      ],
      ['totalBytes', 'usage', 'total', { unit: 'bytes', note: '0 is no size.' }],
      ['usedBytes', 'usage', 'used', { unit: 'bytes' }],
      ['availableBytes', 'usage', 'avail', { unit: 'bytes' }],
    ],
  ),
  ...from(
    '/nodes/{node}/qemu/{vmid}/agent/network-get-interfaces, /nodes/{node}/lxc/{vmid}/interfaces',
    'addresses',
    GUESTS,
    [
      [
        'addresses',
        'usage',
        'ip-addresses, hardware-address',
        { note: 'As a running guest tells them, with their age; loopback and link-local ones are left out.' },
      ],
    ],
  ),
  ...from('/cluster/ha/resources, /cluster/ha/status/current', 'datacenter', GUESTS, [
    [
      'ha_resource',
      'usage',
      'state, group, max_restart, max_relocate, comment',
      { note: 'What is asked of high availability; the lasting state itself is `ha`.' },
    ],
  ]),
  ...from('/nodes/{node}/replication', 'details', GUESTS, [
    ['replication', 'usage', 'target, schedule, last_sync, fail_count, error'],
  ]),
  ...from(
    '/nodes/{node}/storage/{storage}/content',
    'backups',
    ['vm', 'container', 'storage'],
    [
      [
        'backups',
        'usage',
        'volid, ctime, size',
        {
          note: 'Count, newest and size. They outlive their guest: those from before the one that has its VMID now stand apart (`of_predecessor`); none are claimed where the token may not see all.',
        },
      ],
    ],
  ),
  ...from(
    '/nodes/{node}/status',
    'details',
    ['node'],
    [['kernel, cpu_model, load, root, swap', 'usage', 'current-kernel, cpuinfo, loadavg, rootfs, swap']],
  ),
  ...from(
    '/nodes/{node}/certificates/info',
    'details',
    ['node'],
    [['certificates', 'usage', 'filename, notafter']],
  ),
  ...from(
    '/nodes/{node}/time',
    'details',
    ['node'],
    [
      [
        'clock_ahead',
        'usage',
        'time',
        { unit: 'seconds', note: 'Against the node that answers; 0 within 3 s.' },
      ],
    ],
  ),
  ...from('/cluster/ha/rules', 'datacenter', GUESTS, [
    ['ha_rules', 'usage', 'type, resources, nodes, strict, affinity, disable'],
  ]),
  ...from(
    '/cluster/config/qdevice',
    'datacenter',
    ['cluster'],
    [['qdevice', 'usage', 'Algorithm, State', { note: 'Its votes, and whether it is connected.' }]],
  ),
  ...from(
    '/nodes/{node}/lxc/{vmid}/config',
    'inventory',
    ['container'],
    [['apparmor', 'usage', 'lxc', { note: 'Once a day: raw lines are edited by hand.' }]],
  ),
  ...SETTING_FIELDS,
];
