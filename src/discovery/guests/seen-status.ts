import { guestStatus } from '../../model/status.ts';

/** The status that a row or the guest shows, as history records it; undefined while QEMU is in a passing one. */
export function seenStatus(shown: string, lock: string | undefined): string | undefined {
  // A stopped VM that vzdump started for its backup waits before its first instruction: it has not been started.
  if (shown === 'prelaunch' && lock === 'backup') return 'stopped';
  return guestStatus(shown).passing ? undefined : shown;
}
