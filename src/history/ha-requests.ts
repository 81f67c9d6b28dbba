import type { Act } from './acts.ts';
import type { Moved } from './effects.ts';

/** Whether an act only asks the HA manager for something. */
export function isRequest({ cause }: Act): boolean {
  return cause.type.startsWith('ha');
}

/** Whether a field holds what is asked of the HA manager, of a guest or of the guest's own entry there. */
export function isOfRequest({ path }: Moved): boolean {
  return path === 'ha' || path === 'requested';
}

/** Whether an act may be what the HA manager did on request: then both are causes. */
export function isAskedBy(act: Act, request: Act): boolean {
  return isRequest(request) && !isRequest(act);
}

/**
 * Whether the HA manager did what it was asked for: as root, by a task of its own. Where that is not seen it may have found
 * it done, as of a guest that had shut itself down.
 */
export function isCarriedOut(request: Act, acts: readonly Act[]): boolean {
  return acts.some(
    act =>
      isAskedBy(act, request) &&
      act.cause.user === 'root@pam' &&
      act.to + act.error >= request.from - request.error,
  );
}
