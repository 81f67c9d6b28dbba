import type { Row } from '../../mcp/define/output.ts';
import type { TaskLog } from '../../mcp/define/tool.ts';
import { fitRows } from '../format/page.ts';
import { clusterText } from '../format/text.ts';

const LINE_AT_MOST = 500;
const END_BYTES = 8_000;
const TROUBLE_BYTES = 4_000;
/** Words by which Proxmox and what it runs mark a line that somebody should read. */
const TROUBLE = /\b(?:err(?:or)?s?|warn(?:ing)?s?|fail(?:ed|ure)?|fatal|critical|unable|cannot|denied)\b/i;
/** Says that there was none. */
const NO_TROUBLE = /\b(?:no|0|without) (?:err(?:or)?s?|warn(?:ing)?s?|fail(?:ed|ures?)?)\b/gi;

/** What is shown of a task's log: its end, lines before that which tell of trouble, and how many lines are not shown. */
export interface LogParts {
  log: string[];
  trouble: Row[];
  leftOut: number;
}

/** The last `count` lines, as far as they fit, and before them those with an error or a warning, the latest ones. */
export function logParts({ total, lines }: TaskLog, count: number): LogParts {
  const clean = lines.map(({ number, text }) => ({ number, text: clusterText(text, LINE_AT_MOST) }));
  const end = fitRows(clean.slice(-count).toReversed(), END_BYTES).toReversed();
  const before = clean.slice(0, clean.length - end.length).filter(({ text }) => isTrouble(text));
  const trouble = fitRows(before.toReversed(), TROUBLE_BYTES).toReversed();
  return {
    log: end.map(({ text }) => text),
    trouble: trouble.map(({ number, text }) => ({ line: number, text })),
    leftOut: Math.max(total, clean.length) - end.length - trouble.length,
  };
}

function isTrouble(text: string): boolean {
  return TROUBLE.test(text.replace(NO_TROUBLE, ''));
}
