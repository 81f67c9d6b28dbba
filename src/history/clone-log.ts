import type { TaskEntity } from '../model/entity.ts';
import { CLONES } from './task-effects.ts';

/** What the log of a VM's clone begins with (seen on PVE 9.2). */
const ANNOUNCED = /^creating a clone of (?:VM|CT) (\d+) with ID (\d+)$/;
/**
 * What a clone's log says of the volumes it makes, which are named after their guest: of images in a directory and of any that
 * a VM's disk is copied to (seen on PVE 9.2), and of logical volumes (lvcreate's own words). A dataset of ZFS is made without
 * a word.
 */
const VOLUMES = [
  /^allocated target volume '[^']*\b(?:vm|subvol)-(\d+)-[\w.-]+'$/,
  /^Formatting '[^']*\/(?:vm|subvol)-(\d+)-[\w.-]+'/,
  /^\s*Logical volume "vm-(\d+)-[\w.-]+" created\.?$/,
];
/** Lines are kept to show, and need no more than this of them. */
const KEPT_AT_MOST = 10;
const CHARACTERS_AT_MOST = 500;

/** The lines of a clone's log that tell what it makes. */
export function tellingLines(lines: readonly string[]): string[] {
  return lines
    .filter(line => ANNOUNCED.test(line) || VOLUMES.some(pattern => pattern.test(line)))
    .slice(0, KEPT_AT_MOST)
    .map(line => line.slice(0, CHARACTERS_AT_MOST));
}

/**
 * The VMID of the guest that a clone makes (its task bears that of the original); null where its log does not tell, or not
 * one alone, and for what is no clone.
 */
export function madeBy({
  type,
  resourceId,
  logEntries,
}: Pick<TaskEntity, 'type' | 'resourceId' | 'logEntries'>): string | null {
  if (!Object.hasOwn(CLONES, type) || logEntries === null) return null;
  const announced = logEntries.flatMap(line => {
    const [, original, made] = ANNOUNCED.exec(line) ?? [];
    return original === resourceId && made !== undefined ? [made] : [];
  });
  const volumes = logEntries.flatMap(line => VOLUMES.flatMap(pattern => pattern.exec(line)?.[1] ?? []));
  const made = new Set(announced.length > 0 ? announced : volumes);
  const [one] = made;
  return made.size === 1 && one !== resourceId ? one! : null;
}
