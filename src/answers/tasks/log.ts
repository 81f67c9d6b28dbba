import type { Row } from '../../mcp/define/output.ts';
import type { TaskLog } from '../../mcp/define/tool.ts';
import { maskLines } from '../../text/mask.ts';
import { fitRows } from '../format/page.ts';
import { clusterText } from '../format/text.ts';

const LINE_AT_MOST = 500;
/** How much of a line is examined: what is cut off is not shown. */
const LINE_EXAMINED = 3_000;
const END_BYTES = 8_000;
const TROUBLE_BYTES = 4_000;
/** Words with which Proxmox and the programs it runs mark lines that somebody should read. */
const TROUBLE = /\b(?:err(?:or)?s?|warn(?:ing)?s?|fail(?:ed|ure)?|fatal|critical|unable|cannot|denied)\b/i;
/** Phrases that say there was none. */
const NO_TROUBLE = /\b(?:no|0|without) (?:err(?:or)?s?|warn(?:ing)?s?|fail(?:ed|ures?)?)\b/gi;

/** Most lines with trouble to look at. */
const TROUBLES_AT_MOST = 50;
/** How many lines above one are read for what it may be: the name of a secret, or the beginning of a key. */
const ABOVE = 60;
const ABOVE_TROUBLE = 20;

/** The parts shown of a task's log: its end, earlier lines that report trouble, and how many lines are not shown. */
export interface LogParts {
  log: string[];
  trouble: Row[];
  leftOut: number;
}

type Line = TaskLog['lines'][number];

/**
 * The last `count` lines, as far as they fit, and the latest earlier lines with an error or a warning. Only lines that may be
 * shown are cleaned, however long the log is.
 */
export function logParts({ total, lines }: TaskLog, count: number): LogParts {
  const start = lines.length - Math.min(count, lines.length);
  const end = fitRows(shown(lines, start, lines.length, ABOVE).toReversed(), END_BYTES).toReversed();
  const rest = lines.length - end.length;
  const troubled: Line[] = [];
  for (let at = rest - 1; at >= 0 && troubled.length < TROUBLES_AT_MOST; at--)
    if (isTrouble(lines[at]!.text)) troubled.push(...shown(lines, at, at + 1, ABOVE_TROUBLE));
  const trouble = fitRows(
    troubled.filter(({ text }) => isTrouble(text)),
    TROUBLE_BYTES,
  ).toReversed();
  return {
    log: end.map(({ text }) => text),
    trouble: trouble.map(({ number, text }) => ({ line: number, text })),
    leftOut: Math.max(total, lines.length) - end.length - trouble.length,
  };
}

/** The lines from `start` to `end` as they are shown, masked with some lines above them in view. */
function shown(lines: readonly Line[], start: number, end: number, above: number): Line[] {
  const from = Math.max(0, start - above);
  const masked = maskLines(lines.slice(from, end).map(({ text }) => text.slice(0, LINE_EXAMINED)));
  return lines.slice(start, end).map(({ number, text }, at) => {
    const line = masked[start - from + at]!;
    // The rest of a secret that was cut may no longer be recognisable.
    const whole = text.length <= LINE_EXAMINED ? line : line.slice(0, LINE_AT_MOST);
    return { number, text: clusterText(whole, LINE_AT_MOST) };
  });
}

function isTrouble(text: string): boolean {
  return TROUBLE.test(text.replace(NO_TROUBLE, ''));
}
