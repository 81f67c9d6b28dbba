import type { Act } from './acts.ts';
import type { Moved } from './effects.ts';

/** Whether an act only asks the HA manager for something. */
export function isRequest({ cause }: Act): boolean {
  return cause.type.startsWith('ha');
}

/** Whether a field holds the state requested of the HA manager, for a guest or in the guest's entry there. */
export function isOfRequest({ path }: Moved): boolean {
  return path === 'ha' || path === 'requested';
}

/** Whether an act may be the HA manager's response to a request: then both are causes. */
export function isAskedBy(act: Act, request: Act): boolean {
  return isRequest(request) && !isRequest(act);
}

/**
 * Whether the HA manager did what was requested, as root, in a task of its own. Without such a task it may have found it done
 * already, as when a guest had shut itself down.
 */
export function isCarriedOut(request: Act, acts: readonly Act[]): boolean {
  return acts.some(
    act =>
      isAskedBy(act, request) &&
      act.cause.user === 'root@pam' &&
      act.to + act.error >= request.from - request.error,
  );
}
