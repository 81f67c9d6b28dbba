import { resolve } from 'node:path';
import { LOG_LEVELS } from '../../log.ts';
import { expandHome, timeZone } from '../formats.ts';
import { number, oneOf, option, parsed } from '../option.ts';

const YEAR_S = 31_536_000;

/** How fresh answers are, and the program itself. */
export const PROGRAM_OPTIONS = {
  maxAge: option({
    group: 'Discovery',
    env: ['PROXMOX_MPC_MAX_AGE'],
    flag: 'max-age',
    placeholder: 'seconds',
    schema: number(0, YEAR_S),
    fallback: '30',
    help: 'Seconds what is known of the cluster stays fresh; older knowledge is refreshed before an answer.',
    example: '30',
  }),
  configMaxAge: option({
    group: 'Discovery',
    env: ['PROXMOX_MPC_CONFIG_MAX_AGE'],
    placeholder: 'seconds',
    schema: number(0, YEAR_S),
    fallback: '300',
    help: "Seconds a guest's configuration stays fresh when nothing points at a change of it.",
    example: '300',
  }),
  timeZone: option({
    group: 'Program',
    env: ['PROXMOX_MPC_TIMEZONE'],
    flag: 'timezone',
    placeholder: 'name',
    schema: parsed(timeZone),
    fallback: "the system's",
    help: 'IANA time zone in which times are read and shown.',
    example: 'Europe/Berlin',
  }),
  declaration: option({
    group: 'Program',
    env: ['PROXMOX_MPC_DECLARATION'],
    flag: 'declaration',
    placeholder: 'file',
    schema: parsed(path => resolve(expandHome(path))),
    fallback: 'none: `declare_state` keeps declarations in the store',
    help: 'YAML or JSON file that declares what should be; it then rules, and each change of it is recorded.',
    example: '/etc/proxmox-mpc/proxmox-mpc.yaml',
  }),
  clustersFile: option({
    group: 'Program',
    env: ['PROXMOX_MPC_CONFIG'],
    placeholder: 'file',
    schema: parsed(path => resolve(expandHome(path))),
    fallback: 'none: one cluster, by the options above',
    help: 'YAML or JSON file that names several clusters with the options of each: docs/clusters.md.',
    example: '/etc/proxmox-mpc/clusters.yaml',
  }),
  logLevel: option({
    group: 'Program',
    env: ['PROXMOX_MPC_LOG_LEVEL'],
    flag: 'log-level',
    placeholder: LOG_LEVELS.join('|'),
    schema: oneOf(...LOG_LEVELS),
    fallback: '`info` for `serve` and `watch`, `warn` for commands',
    help: 'How much is logged on stderr.',
    example: 'debug',
  }),
};
