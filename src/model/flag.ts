const TRUE = /^(?:1|on|yes|true)$/i;
const FALSE = /^(?:0|off|no|false|)$/i;

/**
 * A flag in any form that Proxmox VE sends or accepts: 0 and 1, true and false, and the words of `parse_boolean`
 * (`PVE::JSONSchema`) in any case; an empty text is false, as before PVE 7. Undefined for any other value.
 */
export function readFlag(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const text = String(value);
  if (TRUE.test(text)) return true;
  return FALSE.test(text) ? false : undefined;
}

/** Configuration keys whose whole value is a flag. Words alone do not decide that: `keyboard: no` is a Norwegian keyboard. */
const FLAG_KEYS: ReadonlySet<string> = new Set([
  ...['acpi', 'allow-ksm', 'autostart', 'ciupgrade', 'console', 'debug', 'freeze', 'keephugepages', 'kvm'],
  ...['localtime', 'numa', 'onboot', 'protection', 'reboot', 'tablet', 'tdf', 'template', 'unprivileged'],
]);

/** Parts of property strings that are flags, whichever key they occur in (`discard=on` is not one). */
const FLAG_PARTS: ReadonlySet<string> = new Set([
  // disks and mount points
  ...['acl', 'backup', 'detect_zeroes', 'iothread', 'pre-enrolled-keys', 'quota', 'replicate'],
  ...['ro', 'shared', 'snapshot', 'ssd', 'scsiblock'],
  // network
  ...['firewall', 'host-managed', 'link_down'],
  // agent, cpu, machine, features
  ...['enabled', 'freeze-fs-on-backup', 'fstrim_cloned_disks', 'hidden', 'enable-s3', 'enable-s4'],
  ...['force_rw_sys', 'fuse', 'keyctl', 'mknod', 'nesting'],
  // devices
  ...[
    'deny-write',
    'direct-io',
    'expose-acl',
    'expose-xattr',
    'foldersharing',
    'keep-all',
    'legacy-igd',
    'pcie',
  ],
  ...['rombar', 'usb3', 'x-vga'],
  // smbios and confidential computing
  ...['allow-smt', 'attestation', 'base64', 'kernel-hashes', 'no-debug', 'no-key-sharing'],
]);

/** Whether the value of this configuration key is a flag. */
export function isFlagKey(key: string): boolean {
  return FLAG_KEYS.has(key);
}

/** Whether a part with this name is a flag. */
export function isFlagPart(name: string): boolean {
  return FLAG_PARTS.has(name);
}
