import type { ConfigValue } from './types.ts';

/**
 * The key that the first element of a property string stands for when it has none, from PVE's own format
 * definitions (`default_key`): `scsi0: local:vm-1-disk-0,size=8G` means `file=local:vm-1-disk-0`.
 */
const defaultKeys: [RegExp, string][] = [
  [/^(scsi|virtio|sata|ide|efidisk|tpmstate)\d+$/, 'file'],
  [/^(rootfs|mp\d+)$/, 'volume'],
  [/^cpu$/, 'cputype'],
  [/^agent$/, 'enabled'],
  [/^(vga|machine)$/, 'type'],
  [/^hostpci\d+$|^usb\d+$/, 'host'],
  [/^startup$/, 'order'],
  [/^watchdog$/, 'model'],
  [/^dev\d+$/, 'path'],
  [/^boot$/, 'legacy'],
  [/^(net\d+|ipconfig\d+|smbios1|features|numa\d+|audio\d+|rng0|spice_enhancements|meta|virtiofs\d+)$/, ''],
];

/** Network card models: `virtio=BC:24:11:..` in a VM's `net0` is short for `model=virtio,macaddr=BC:24:11:..`. */
const netModel = /^(virtio|e1000|e1000e|e1000-\d+\w*|rtl8139|vmxnet3|ne2k_pci|ne2k_isa|pcnet|i82\w+)$/;

/** The parts of a config value by name; undefined if the key holds a plain value. */
export function splitProperty(key: string, value: ConfigValue): Record<string, string> | undefined {
  const rule = defaultKeys.find(([pattern]) => pattern.test(key));
  if (rule === undefined) return undefined;
  const parts: Record<string, string> = {};
  for (const part of String(value).split(',')) {
    const at = part.indexOf('=');
    if (at < 0) {
      if (rule[1] !== '') parts[rule[1]] = part;
      else parts[part] = '';
      continue;
    }
    const name = part.slice(0, at);
    const text = part.slice(at + 1);
    if (key.startsWith('net') && netModel.test(name)) {
      parts.model = name;
      parts.macaddr = text;
    } else parts[name] = text;
  }
  return parts;
}

/** The same property string with one part replaced, added, or (`undefined`) removed. */
export function withPart(text: ConfigValue, name: string, value: string | undefined): string {
  const parts = String(text).split(',');
  const index = parts.findIndex(part => part.startsWith(`${name}=`));
  if (value === undefined) return parts.filter((_, i) => i !== index).join(',');
  if (index < 0) return [...parts, `${name}=${value}`].join(',');
  return parts.map((part, i) => (i === index ? `${name}=${value}` : part)).join(',');
}
