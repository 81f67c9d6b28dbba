import type { TaskEntity } from '../model/entity.ts';
import { CLONES } from './task-effects.ts';

/** The first line in the log of a VM's clone (seen on PVE 9.2). */
const ANNOUNCED = /^creating a clone of (?:VM|CT) (\d+) with ID (\d+)$/;
/**
 * What a clone's log says about the volumes it creates, which are named after their guest: images in a directory and anything
 * that a VM's disk is copied to (seen on PVE 9.2), and logical volumes (in lvcreate's words). A ZFS dataset is created without a
 * line.
 */
const VOLUMES = [
  /^allocated target volume '[^']*\b(?:vm|subvol)-(\d+)-[\w.-]+'$/,
  /^Formatting '[^']*\/(?:vm|subvol)-(\d+)-[\w.-]+'/,
  /^\s*Logical volume "vm-(\d+)-[\w.-]+" created\.?$/,
];
/** Most lines kept for display. */
const KEPT_AT_MOST = 10;
const CHARACTERS_AT_MOST = 500;

/** The lines of a clone's log that say what it creates. */
export function tellingLines(lines: readonly string[]): string[] {
  return lines
    .filter(line => ANNOUNCED.test(line) || VOLUMES.some(pattern => pattern.test(line)))
    .slice(0, KEPT_AT_MOST)
    .map(line => line.slice(0, CHARACTERS_AT_MOST));
}

/**
 * The VMID of the guest that a clone creates (its task carries that of the original); null where its log does not name exactly
 * one, and for other tasks.
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
