import { UsageError } from '../errors.ts';
import { parseMoment } from '../history/moment.ts';
import { quoted } from '../text/cluster-text.ts';

/** When an exception ends (ms): at the end of a day, or at an instant. @throws UsageError for anything else */
export function untilOf(text: string, timeZone: string): number {
  const written = text.trim();
  if (/^\d{4}-\d{2}-\d{2}/.test(written)) {
    const moment = parseMoment(written, { now: Date.UTC(2000, 0), timeZone, edge: 'end' });
    if (moment.kind === 'time') return moment.at;
  }
  throw new UsageError(`${quoted(text)} is neither a day nor an instant.`, {
    hint: 'Write until as 2026-12-15, which means the end of that day, or as 2026-12-15T18:00:00+01:00.',
  });
}
