import type { Sparing } from './commit-writer.ts';
import { isRefusal, RowRefusedError } from './errors.ts';

/** Most refused rows that one commit goes on without: with more, something else is wrong. */
const SPARED_AT_MOST = 20;

/**
 * A last net: what is read of Proxmox is made to fit before. Where the database refuses a row all the same, the commit is
 * written again without whatever that row is about, all of it, so that state and history still agree; `refused` is told, and
 * without it nothing is spared. `attempt` may be called several times, each time in a transaction of its own.
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
