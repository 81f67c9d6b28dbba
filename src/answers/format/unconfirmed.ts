import { formatTime } from '../../history/moment.ts';
import type { Row } from '../../mcp/define/output.ts';
import type { Unconfirmed } from '../../model/entity.ts';

/** The facts of a row that the last look did not confirm, and when each was last seen; null if it confirmed all. */
export function unconfirmedRow(unconfirmed: Unconfirmed | null, timeZone: string): Row | null {
  if (unconfirmed === null) return null;
  return Object.fromEntries(
    Object.entries(unconfirmed).map(([fact, at]) => [fact, at === null ? 'never' : formatTime(at, timeZone)]),
  );
}
