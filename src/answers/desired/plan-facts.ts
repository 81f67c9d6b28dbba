import { formatTime } from '../../history/moment.ts';
import { type Arguments, encodeCursor } from '../../mcp/define/cursor.ts';
import type { Row } from '../../mcp/define/output.ts';
import type { StepResult } from '../../model/applying.ts';
import type { LeftOut, PlanEntity, PlanStep, StepAuthors } from '../../model/plan.ts';
import { fieldRow } from '../changes/rows.ts';
import { fitRows } from '../format/page.ts';
import { clusterText } from '../format/text.ts';
import { resultRow } from './apply-facts.ts';

/** Largest size of each part of an answer that shows a plan (bytes). */
const STEPS_AT_MOST = 8_000;
const LEFT_AT_MOST = 4_000;
const COMMANDS_AT_MOST = 4_500;

/** Steps per page. */
const STEPS_SHOWN = 100;

/** How a plan is shown: from which step on, with which commands for a person, and for which call. */
export interface PlanShown {
  commands: readonly string[];
  /** How it can be carried out. */
  approve: string;
  offset: number;
  timeZone: string;
  now: number;
  asked?: Arguments;
  /** The result of each step, once the plan was begun. */
  results?: readonly StepResult[];
}

/** A plan's id as the number that a cursor holds. */
function pinOf(id: string): number {
  return Number.parseInt(id.slice(2), 36);
}

/** The plan that a cursor continues. */
export function planOfPin(pin: number | undefined): string {
  return `p-${(pin ?? 0).toString(36)}`;
}

/**
 * A plan as answers show it, from a step on: a page of steps, and on the first page what is left out and the commands for a
 * person.
 */
export function planFacts(
  plan: PlanEntity,
  { commands, approve, offset, timeZone, now, asked = {}, results = [] }: PlanShown,
) {
  const steps = fitRows(
    plan.steps
      .slice(offset, offset + STEPS_SHOWN)
      .map((step, index) => ({ ...stepRow(step, timeZone), ...becameRow(results[offset + index]) })),
    STEPS_AT_MOST,
  );
  const next = offset + steps.length;
  const left =
    offset === 0
      ? fitRows(
          plan.leftOut.map(one => leftRow(one, timeZone)),
          LEFT_AT_MOST,
        )
      : [];
  const lines = offset === 0 ? fitRows([...commands], COMMANDS_AT_MOST) : [];
  const any = plan.steps.length > 0;
  return {
    ...(any && { plan: plan.id, expires_at: formatTime(plan.expiresAt, timeZone) }),
    ...(any && now > plan.expiresAt && { expired: true }),
    steps,
    total: plan.steps.length,
    left_out: left,
    ...(plan.leftOut.length > left.length &&
      offset === 0 && { more_left_out: plan.leftOut.length - left.length }),
    ...(any && plan.usedAt === null && now <= plan.expiresAt && { approve }),
    ...(lines.length > 0 && { commands: lines }),
    ...(commands.length > lines.length && offset === 0 && { more_commands: commands.length - lines.length }),
    ...(next < plan.steps.length && {
      next_cursor: encodeCursor({ seq: 0, offset: next, pins: [pinOf(plan.id)] }, asked),
    }),
  };
}

function stepRow({ resource, name, path, from, to, effect, authors }: PlanStep, timeZone: string): Row {
  return {
    resource,
    name: name === null ? null : clusterText(name, 80),
    ...fieldRow({ path, from, to }, timeZone),
    effect,
    ...authorsRow(authors, timeZone),
  };
}

/** The result of a step, with the names that apply_plan uses. */
function becameRow(result: StepResult | undefined): Row {
  if (result === undefined) return {};
  const { resource: _, path: __, ...became } = resultRow(result);
  return became;
}

/** Who made a field what it is, and when, with the names that changes use. */
function authorsRow(authors: StepAuthors | undefined, timeZone: string): Row {
  if (authors === undefined) return {};
  const { at, causes, whyUnknown } = authors;
  return { at: formatTime(at, timeZone), causes, why_unknown: whyUnknown ?? null };
}

function leftRow({ resource, path, why, command, authors }: LeftOut, timeZone: string): Row {
  return {
    resource,
    path: clusterText(path, 120),
    why: clusterText(why, 240),
    command: command ?? null,
    ...authorsRow(authors, timeZone),
  };
}
