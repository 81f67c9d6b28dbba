import { oneLine } from '../../text/clean.ts';

/** Longest text in a report (characters). */
const TEXT_AT_MOST = 2_000;

/** A command's facts as a line of JSON, with texts that are safe to show, since its reader may print them. */
export function jsonLine(value: unknown, indent = 0): string {
  const shown = (_key: string, child: unknown) => {
    if (typeof child === 'string') return oneLine(child).slice(0, TEXT_AT_MOST).toWellFormed();
    if (child === null || typeof child !== 'object' || Array.isArray(child)) return child;
    return Object.fromEntries(Object.entries(child).map(([name, one]) => [oneLine(name), one]));
  };
  return `${JSON.stringify(value, shown, indent)}\n`;
}
