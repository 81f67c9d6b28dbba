import { formatTime } from '../../history/moment.ts';
import type { PlanEntity, PlanStep } from '../../model/plan.ts';
import type { JsonValue } from '../../model/state.ts';
import { counted } from '../../text/counted.ts';
import { clusterText, quoted, stateValue } from '../format/text.ts';

/** How a plan is put to a person. `limit`: characters shown of one value. */
export interface QuestionShown {
  cluster: string | null;
  timeZone: string;
  why: string | null;
  limit: number;
}

/**
 * A plan as a person decides about it: every step, grouped by identical change, so that a guest that differs stands out. Texts of
 * the cluster or a caller are cleaned and bounded.
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

/**
 * A plain word as it is, anything else in quotes that it cannot close, since it may contain an arrow or imitate our sentences.
 */
function word(text: string): string {
  return /^[\w./:;=+-]+$/.test(text) ? text : `"${text.replaceAll(/["“”]/g, "'")}"`;
}

function guestText({ resource, name }: PlanStep): string {
  return name === null ? resource : `${resource} ${word(clusterText(name, 63))}`;
}

const PER_LINE = 4;

/** A few guests per line. */
function lines(guests: readonly string[]): string[] {
  return Array.from(
    { length: Math.ceil(guests.length / PER_LINE) },
    (_, at) => `  ${guests.slice(at * PER_LINE, (at + 1) * PER_LINE).join(', ')}`,
  );
}
