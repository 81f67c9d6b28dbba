import type { Row } from '../../mcp/define/output.ts';
import type { TaskLog } from '../../mcp/define/tool.ts';
import { maskLines } from '../../text/mask.ts';
import { fitRows } from '../format/page.ts';
import { clusterText } from '../format/text.ts';

const LINE_AT_MOST = 500;
/** So much of a line is looked at: what is cut off is not shown. */
const LINE_EXAMINED = 3_000;
const END_BYTES = 8_000;
const TROUBLE_BYTES = 4_000;
/** Words by which Proxmox and what it runs mark a line that somebody should read. */
const TROUBLE = /\b(?:err(?:or)?s?|warn(?:ing)?s?|fail(?:ed|ure)?|fatal|critical|unable|cannot|denied)\b/i;
/** Says that there was none. */
const NO_TROUBLE = /\b(?:no|0|without) (?:err(?:or)?s?|warn(?:ing)?s?|fail(?:ed|ures?)?)\b/gi;

/** Lines with trouble that are looked at. */
const TROUBLES_AT_MOST = 50;
/** Lines above one that may tell what it is: the name of a secret, the beginning of a key. */
const ABOVE = 60;
const ABOVE_TROUBLE = 20;

/** What is shown of a task's log: its end, lines before that which tell of trouble, and how many lines are not shown. */
export interface LogParts {
  log: string[];
  trouble: Row[];
  leftOut: number;
}

type Line = TaskLog['lines'][number];

/**
 * The last `count` lines, as far as they fit, and before them those with an error or a warning, the latest ones. Only what
 * may be shown is cleaned, whatever the length of the log.
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

/** The lines from `start` to `end` as they are shown, judged with some above them. */
function shown(lines: readonly Line[], start: number, end: number, above: number): Line[] {
  const from = Math.max(0, start - above);
  const masked = maskLines(lines.slice(from, end).map(({ text }) => text.slice(0, LINE_EXAMINED)));
  return lines.slice(start, end).map(({ number, text }, at) => {
    const line = masked[start - from + at]!;
    // A secret that was cut in two may be told no more.
    const whole = text.length <= LINE_EXAMINED ? line : line.slice(0, LINE_AT_MOST);
    return { number, text: clusterText(whole, LINE_AT_MOST) };
  });
}

function isTrouble(text: string): boolean {
  return TROUBLE.test(text.replace(NO_TROUBLE, ''));
}
