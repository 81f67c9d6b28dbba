/** The parts of a property string by name, with names sorted so that equal values are equal as JSON. */
export type Properties = Record<string, string>;

/**
 * Configuration keys with property strings, without digits, and the name of the part that is written without one (`default_key`
 * in PVE's schemas); null where every part has a name.
 */
export const DEFAULT_PARTS: Readonly<Record<string, string | null>> = {
  // PVE calls a disk's volume `file` for a VM and `volume` for a container; here it is `volume` for both.
  ide: 'volume',
  sata: 'volume',
  scsi: 'volume',
  virtio: 'volume',
  efidisk: 'volume',
  tpmstate: 'volume',
  unused: 'volume',
  rootfs: 'volume',
  mp: 'volume',
  net: 'model',
  ipconfig: null,
  agent: 'enabled',
  'amd-sev': 'type',
  audio: null,
  boot: 'legacy',
  cicustom: null,
  cpu: 'cputype',
  dev: 'path',
  features: null,
  hostpci: 'host',
  'intel-tdx': 'type',
  ivshmem: null,
  machine: 'type',
  meta: null,
  numa: null,
  'prune-backups': null,
  rng: 'source',
  smbios: null,
  spice_enhancements: null,
  startup: 'order',
  usb: 'host',
  vga: 'type',
  virtiofs: 'dirid',
  watchdog: 'model',
  memory: 'current',
  ...Object.fromEntries(
    // Values that are single numbers today may become property strings, as memory did in PVE 8.
    ['balloon', 'cores', 'cpulimit', 'cpuunits', 'shares', 'sockets', 'swap', 'vcpus'].map(key => [
      key,
      'current',
    ]),
  ),
};

/** Whether the default part alone is the plain value: `memory: current=2048` is `memory: 2048`. */
const isScalar = (family: string) => DEFAULT_PARTS[family] === 'current';

/** Whether the part `name` of the value at `path` (`config.memory`) is the plain value. */
export function isPlainPart(path: string, name: string): boolean {
  return name === 'current' && isScalar(path.slice(path.lastIndexOf('.') + 1));
}

/** Keys that end in a number; `numa` is a property string only with a number, and a flag without. */
const NUMBERED =
  /^(ide|sata|scsi|virtio|efidisk|tpmstate|unused|mp|net|ipconfig|audio|dev|hostpci|numa|rng|smbios|usb|virtiofs)\d+$/;

const PART_NAME = /^[A-Za-z][\w.-]*$/;

/** Network card models, any of which may be the name in front of the MAC address: `virtio=BC:24:11:03:DA:DE`. */
const CARD_MODELS = new Set([
  ...['e1000', 'e1000-82540em', 'e1000-82544gc', 'e1000-82545em', 'e1000e', 'i82551', 'i82557b', 'i82559er'],
  ...['ne2k_isa', 'ne2k_pci', 'pcnet', 'rtl8139', 'virtio', 'vmxnet3'],
]);

/**
 * Splits the value of a guest's configuration key: `net0`, `virtio=BC:24:11:03:DA:DE,bridge=vmbr0` becomes `{bridge: 'vmbr0',
 * macaddr: 'BC:24:11:03:DA:DE', model: 'virtio'}`. A key without property strings, and a value that is none, are returned
 * unchanged, as is a number given only by the default part (`memory`, `current=2048`). Nothing inside a part is decoded.
 */
export function parsePropertyString(key: string, value: string): string | Properties {
  const family = familyOf(key);
  if (family === undefined) return value;
  const entries: [name: string, text: string][] = [];
  for (const part of value.split(',')) if (!readPart(family, part, entries)) return value;
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  // PVE never writes a name twice.
  if (entries.some(([name], at) => name === entries[at + 1]?.[0])) return value;
  if (isScalar(family) && entries.length === 1 && entries[0]![0] === DEFAULT_PARTS[family])
    return entries[0]![1];
  return Object.fromEntries(entries);
}

const families = new Map<string, string | undefined>();

/** `net` for `net0`; undefined for a key without property strings. Cached, since ten thousand guests share a few keys. */
function familyOf(key: string): string | undefined {
  if (!families.has(key)) families.set(key, findFamily(key));
  return families.get(key);
}

function findFamily(key: string): string | undefined {
  const family = NUMBERED.test(key) ? key.replace(/\d+$/, '') : key;
  if (!Object.hasOwn(DEFAULT_PARTS, family)) return undefined;
  return family !== key || !NUMBERED.test(`${key}0`) ? family : undefined;
}

/** Adds one comma-separated part, or two where a network card's model precedes its address. Returns false for anything else. */
function readPart(family: string, part: string, entries: [string, string][]): boolean {
  const at = part.indexOf('=');
  const name = part.slice(0, Math.max(0, at));
  const text = part.slice(at + 1);
  if (!PART_NAME.test(name)) {
    const unnamed = DEFAULT_PARTS[family];
    if (part === '' || unnamed === null || unnamed === undefined) return false;
    entries.push([unnamed, part]);
  } else if (family === 'net' && CARD_MODELS.has(name)) entries.push(['model', name], ['macaddr', text]);
  else entries.push([name === 'file' && DEFAULT_PARTS[family] === 'volume' ? 'volume' : name, text]);
  return true;
}
