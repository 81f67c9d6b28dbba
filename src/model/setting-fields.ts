import { type FieldDeclaration, from } from './field-declaration.ts';

/** The fields of the datacenter's settings: its options, backup jobs, pools and HA. */
export const SETTING_FIELDS: readonly FieldDeclaration[] = [
  ...from(
    '/cluster/options',
    'datacenter',
    ['cluster'],
    [
      [
        'options.*',
        'state',
        '(each)',
        {
          note: 'Read where the token may audit the cluster: others are told of some. `allowed-tags` is none.',
        },
      ],
    ],
  ),
  ...from(
    '/cluster/backup',
    'datacenter',
    ['backup-job'],
    [
      ['enabled', 'state', 'enabled'],
      ['schedule', 'state', 'schedule'],
      ['storage', 'state', 'storage'],
      ['mode', 'state', 'mode'],
      ['all', 'state', 'all'],
      ['vmids', 'state', 'vmid'],
      ['exclude', 'state', 'exclude'],
      ['pool', 'state', 'pool'],
      ['node', 'state', 'node'],
      ['comment', 'state', 'comment'],
      [
        'options.*',
        'state',
        '(the rest of the job)',
        { note: '`prune-backups`, `fleecing` ... taken apart.' },
      ],
      ['next_run_at', 'usage', 'next-run', { unit: 'time', note: 'It moves by itself.' }],
    ],
  ),
  ...from(
    '/pools',
    'datacenter',
    ['pool'],
    [['comment', 'state', 'comment', { note: 'Its members are told of the guests (`pool`).' }]],
  ),
  ...from(
    '/cluster/ha/resources',
    'datacenter',
    ['ha'],
    [
      [
        'requested',
        'state',
        'state',
        { note: 'Of `ha/vm:101`: what is asked for; what the manager makes of it is the guest’s `ha`.' },
      ],
      ['group', 'state', 'group'],
      ['max_restart', 'state', 'max_restart'],
      ['max_relocate', 'state', 'max_relocate'],
      ['failback', 'state', 'failback'],
    ],
  ),
  ...from(
    '/cluster/ha/rules',
    'datacenter',
    ['ha'],
    [
      ['enabled', 'state', 'disable', { note: 'This and what follows of a rule, `ha/NAME`.' }],
      ['type', 'state', 'type'],
      ['resources', 'state', 'resources'],
      ['nodes', 'state', 'nodes', { note: 'With their priority: `pve1:2`.' }],
      ['strict', 'state', 'strict'],
      ['affinity', 'state', 'affinity'],
    ],
  ),
  ...from(
    '/cluster/ha/resources, /cluster/ha/rules',
    'datacenter',
    ['ha'],
    [['comment', 'state', 'comment']],
  ),
];
