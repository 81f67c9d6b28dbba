import { covers } from '../backup-jobs.ts';
import type { Check } from '../check.ts';
import { type Device, devicesOf, partOf } from '../devices.ts';
import type { GuestHealth } from '../facts.ts';
import { shortList } from '../words.ts';

/** Disks that a guest's backups leave out. */
export const backupDiskLeftOut: Check = {
  name: 'backup-disk-left-out',
  severity: 'info',
  reason:
    'Backups hold no mount point of a container unless its option backup says so, and no disk that is left out on purpose: a restore comes without them.',
  evidence: 'The option backup of the volumes of guests that an enabled job backs up.',
  next: 'set backup=1 on it, or see to its data some other way; declare_state accepts it until a day',
  reads: 'configs',
  *find({ guests, jobs }) {
    for (const guest of guests) {
      const { config } = guest;
      if (guest.template || config === null || !(jobs ?? []).some(job => covers(job, guest))) continue;
      const left = devicesOf(config).filter(device => isLeftOut(device, guest));
      if (left.length === 0) continue;
      const byDefault = left.every(({ key }) => partOf(config[key], 'backup') === undefined);
      yield {
        resource: guest.key,
        what: `its backups leave out ${shortList(left.map(({ key, volume }) => `${key} (${volume})`))}${byDefault ? ': mount points are in none unless backup=1 stands there' : ''}`,
        evidence: { disks: left.map(({ key, volume }) => `${key} ${volume}`) },
      };
    }
  },
};

/** As `vzdump` decides: disks of VMs are included unless backup=0, mount points of containers only with backup=1. */
function isLeftOut({ key, kind, bus }: Device, { type, config }: GuestHealth): boolean {
  if (kind !== 'disk') return false;
  const backup = partOf(config![key], 'backup');
  return type === 'container' ? bus === 'mp' && backup !== 1 : backup === 0;
}
