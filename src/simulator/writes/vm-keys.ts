import type { KeyTable } from './keys.ts';

const options = ['VM.Config.Options'];
const cpu = ['VM.Config.CPU'];
const memory = ['VM.Config.Memory'];
const hardware = ['VM.Config.HWType'];
const cloudInit = ['VM.Config.Cloudinit', 'VM.Config.Network'];
const dnsName = /^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$/;

/** Keys of a VM's config as in qemu-server 9.2: type, privilege, and whether a running VM accepts a value immediately. */
export const vmKeys: KeyTable = [
  [
    /^name$/,
    {
      needs: options,
      live: true,
      pattern: dnsName,
      complaint: () => 'invalid format - value does not look like a valid DNS name\n',
    },
  ],
  [/^description$/, { needs: options, live: true, maxLength: 8192 }],
  [/^(tags|hookscript|lock)$/, { needs: options, live: true }],
  [/^(onboot|protection|autostart)$/, { needs: options, live: true, type: 'boolean' }],
  [/^startup$/, { needs: options, live: true, also: { on: '/', privilege: 'Sys.Modify' } }],
  [/^(template|localtime|freeze|reboot|tdf|keephugepages)$/, { needs: options, type: 'boolean' }],
  [
    /^(agent|ostype|bios|startdate|keyboard|spice_enhancements|vmgenid|args|affinity|arch)$/,
    { needs: options },
  ],
  [/^(migrate_downtime|migrate_speed)$/, { needs: options, live: true, type: 'number' }],
  [/^(cores|sockets|vcpus)$/, { needs: cpu, type: 'integer', minimum: 1 }],
  [/^cpuunits$/, { needs: cpu, live: true, type: 'integer', minimum: 1 }],
  [/^cpulimit$/, { needs: cpu, live: true, type: 'number', minimum: 0, text: true }],
  [/^numa$/, { needs: cpu, type: 'boolean' }],
  [/^(cpu|numa\d+)$/, { needs: cpu }],
  [/^memory$/, { needs: memory, type: 'integer', minimum: 16, text: true }],
  [/^balloon$/, { needs: memory, type: 'integer', minimum: 0 }],
  [/^shares$/, { needs: memory, live: true, type: 'integer', minimum: 0 }],
  [/^hugepages$/, { needs: memory }],
  [/^allow-ksm$/, { needs: memory, type: 'boolean' }],
  [/^net\d+$/, { needs: ['VM.Config.Network'] }],
  [/^(tablet)$/, { needs: hardware, live: true, type: 'boolean' }],
  [/^(kvm|acpi)$/, { needs: hardware, type: 'boolean' }],
  [
    /^(machine|vga|hotplug|scsihw|smbios1|rng0|serial\d|parallel\d|usb\d+|hostpci\d+|watchdog|audio0)$/,
    { needs: hardware },
  ],
  [
    /^(ciuser|cipassword|citype|sshkeys|ipconfig\d+|cicustom|nameserver|searchdomain)$/,
    { needs: cloudInit, live: true },
  ],
  [/^ciupgrade$/, { needs: cloudInit, live: true, type: 'boolean' }],
  [/^(boot|bootdisk)$/, { needs: ['VM.Config.Disk'] }],
  [/^vmstatestorage$/, { needs: ['VM.Config.Disk'], live: true }],
  [/^(ide\d|sata\d|scsi\d+|virtio\d+|efidisk0|tpmstate0)$/, { needs: ['VM.Config.Disk'] }],
  [/^unused\d+$/, { needs: [] }],
];

/** Only root@pam itself, signed in by ticket, may set or delete these. */
export const rootOnly = /^(lock|args|affinity|arch|vmgenid|spice_enhancements)$/;

/** What the VM's `hotplug` key (`network,disk,usb` by default) lets a running VM accept immediately. */
export function hotplugOf(config: Record<string, unknown>): Set<string> {
  const set = String(config.hotplug ?? '1');
  return new Set((set === '1' ? 'network,disk,usb' : set).split(','));
}
