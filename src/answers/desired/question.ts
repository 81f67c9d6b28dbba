import { formatTime } from '../../history/moment.ts';
import type { PlanEntity, PlanStep } from '../../model/plan.ts';
import type { JsonValue } from '../../model/state.ts';
import { counted } from '../../text/counted.ts';
import { clusterText, quoted, stateValue } from '../format/text.ts';

/** How a plan is put to a person. `limit`: characters of one value that are shown. */
export interface QuestionShown {
  cluster: string | null;
  timeZone: string;
  why: string | null;
  limit: number;
}

/**
 * A plan as a person decides about it: every step, those that make the same change together, so that two guests that differ are
 * seen to. Lines of ours; what the cluster or a caller said stands in them cleaned and bounded.
 */
export function planQuestion(plan: PlanEntity, { cluster, timeZone, why, limit }: QuestionShown): string {
  const groups = Map.groupBy(plan.steps, step => changeText(step, limit));
  const guests = new Set(plan.steps.map(step => step.resource)).size;
  const where = cluster === null ? 'this node' : `the cluster ${word(clusterText(cluster, 60))}`;
  return [
    `Plan ${plan.id} for ${where}: ${counted(plan.steps.length, 'change')} to ${counted(guests, 'guest')}, until ${formatTime(plan.expiresAt, timeZone).slice(11, 16)}.`,
    '',
    ...[...groups].flatMap(([change, steps]) => [change, ...lines(steps.map(guestText))]),
    '',
    `Planned by ${quoted(plan.asker, 80)}${why === null ? '' : `, applied because ${quoted(why, 200)}`}.`,
  ].join('\n');
}

/** `memory: 4096 -> 8192 (after restart)` */
function changeText({ path, from, to, effect }: PlanStep, limit: number): string {
  const name = word(clusterText(path.replace(/^config\./, ''), 120));
  const [before, after] = [from, to].map(value => valueText(path, value, limit)) as [string, string];
  if (path === 'snapshots') return `new snapshot ${after} (${effect})`;
  const unshown = before === after ? ' (differs in what is not shown)' : '';
  return `${name}: ${before} -> ${after}${unshown} (${effect})`;
}

function valueText(path: string, value: JsonValue, limit: number): string {
  if (value === null) return 'not set';
  const shown = stateValue(path, value, limit);
  if (Array.isArray(shown))
    return shown.length === 0 ? 'none' : shown.map(one => word(String(one))).join(', ');
  const text = typeof shown === 'object' ? JSON.stringify(shown) : word(String(shown));
  return typeof value === 'string' && value.length > limit ? `${text} (${value.length} characters)` : text;
}

/** A text as it is where it is one plain word, else in quotes that it cannot end: it may hold an arrow, or a sentence of ours. */
function word(text: string): string {
  return /^[\w./:;=+-]+$/.test(text) ? text : `"${text.replaceAll(/["“”]/g, "'")}"`;
}

function guestText({ resource, name }: PlanStep): string {
  return name === null ? resource : `${resource} ${word(clusterText(name, 63))}`;
}

const PER_LINE = 4;

/** A few guests a line. */
function lines(guests: readonly string[]): string[] {
  return Array.from(
    { length: Math.ceil(guests.length / PER_LINE) },
    (_, at) => `  ${guests.slice(at * PER_LINE, (at + 1) * PER_LINE).join(', ')}`,
  );
}
