import { mountPoint, NET_OF_BOTH } from './devices.ts';
import { type Definition, flag, list, number, numbers, props, text, texts } from './value.ts';

/** Keys that only containers have, or that differ for them: the schema of pve-container 9. */
export const CONTAINER_KEYS: Readonly<Record<string, Definition>> = {
  arch: text('amd64'),
  cmode: text('tty'),
  console: flag(1),
  cores: number(undefined, 'cores'),
  debug: flag(0),
  'dev*': props({ ...texts('path', 'mode'), ...numbers('uid', 'gid'), 'deny-write': flag(0) }, 'path'),
  entrypoint: text(),
  env: text(),
  features: props({
    force_rw_sys: flag(0),
    fuse: flag(0),
    keyctl: flag(0),
    mknod: flag(0),
    mount: list(),
    nesting: flag(0),
  }),
  'mp*': mountPoint(0),
  'net*': props({
    ...NET_OF_BOTH,
    ...texts('name', 'gw', 'gw6', 'hwaddr', 'ip', 'ip6', 'type'),
    'host-managed': flag(0),
  }),
  ostype: text(),
  rootfs: mountPoint(1),
  swap: number(512, 'MiB'),
  timezone: text(),
  tty: number(2),
  unprivileged: flag(0),
};
