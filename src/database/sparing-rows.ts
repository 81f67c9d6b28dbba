import type { Sparing } from './commit-writer.ts';
import { isRefusal, RowRefusedError } from './errors.ts';

/** Most refused rows that one commit may leave out: more than that means that something else is wrong. */
const SPARED_AT_MOST = 20;

/**
 * A last safety net: values read from Proxmox are made to fit before. If the database still refuses a row, the commit is written
 * again without everything about that row's resource, so that state and history still agree; `refused` is called with a warning,
 * and without it nothing is left out. `attempt` may be called several times, each time in its own transaction.
 */
export async function sparingRows<T>(
  refused: ((warning: string) => unknown) | undefined,
  attempt: (sparing: Sparing) => Promise<T>,
): Promise<T> {
  const leftOut = new Set<string>();
  let oneByOne = false;
  for (;;) {
    try {
      return await attempt({ leftOut, oneByOne });
    } catch (error) {
      if (refused === undefined || leftOut.size >= SPARED_AT_MOST) throw error;
      if (error instanceof RowRefusedError) {
        leftOut.add(error.about);
        refused(`${error.about} was left out: ${(error.cause as Error).message}`);
        oneByOne = false;
      } else if (isRefusal(error) && !oneByOne) oneByOne = true;
      else throw error;
    }
  }
}
