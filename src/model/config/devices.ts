import { type Definition, flag, list, numbers, type Parts, props, size, text, texts } from './value.ts';

const LIMITS = ['bps', 'iops', 'mbps'].flatMap(limit =>
  ['', '_rd', '_wr'].flatMap(way =>
    ['', '_max', '_max_length'].map(end => `${limit}${end === '' ? way : `${way}${end}`}`),
  ),
);
/** A VM's drive. */
export const drive = props(
  {
    ...texts('volume', 'aio', 'format', 'model', 'product', 'rerror', 'serial', 'trans', 'vendor', 'werror'),
    ...texts('wwn', 'file'),
    ...numbers('cyls', 'heads', 'secs', 'queues', ...LIMITS),
    backup: flag(1),
    cache: text('none'),
    detect_zeroes: flag(),
    discard: text('ignore'),
    iothread: flag(0),
    media: text('disk'),
    replicate: flag(1),
    ro: flag(0),
    scsiblock: flag(0),
    shared: flag(0),
    size,
    snapshot: flag(0),
    ssd: flag(0),
  },
  'volume',
);
/** A container's mount point; `backup` is its default for being included in backups. */
export const mountPoint = (backup: 0 | 1): Definition =>
  props(
    {
      ...texts('volume', 'mp', 'mountoptions', 'keepattrs'),
      acl: flag(),
      backup: flag(backup),
      quota: flag(0),
      replicate: flag(1),
      ro: flag(0),
      shared: flag(0),
      size,
    },
    'volume',
  );
/** A volume with these parts besides its format and size. */
export const volume = (...parts: string[]) =>
  props({ ...texts('volume', 'format', ...parts), size }, 'volume');

/** The parts that network cards of both types of guest have. */
export const NET_OF_BOTH: Parts = {
  ...texts('bridge'),
  ...numbers('mtu', 'rate', 'tag'),
  firewall: flag(0),
  link_down: flag(0),
  trunks: list(),
};
