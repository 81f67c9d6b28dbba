import { createHash } from 'node:crypto';
import type { LeftOut, PlanEntity, PlanStep, StepEffect } from '../model/plan.ts';
import type { JsonValue } from '../model/state.ts';
import type { WriteScope } from '../model/writing.ts';
import { commandLines } from './commands.ts';
import type { FieldFinding, ResourceFinding } from './comparison.ts';
import { effectOf } from './effects.ts';
import { listOf } from './expected.ts';
import { leftOutOf } from './scope.ts';
import type { Subject } from './subject.ts';

/** What is to be done about the differences. */
export interface Steps {
  steps: PlanStep[];
  leftOut: LeftOut[];
  /** Command lines for a person, in the order of the steps. */
  commands: string[];
}

/** How long a plan is valid (ms). */
export const PLAN_LIVES_MS = 900_000;

/**
 * The steps from what is to what is wanted, resource by resource, and what is left out. `only` limits the guests that may be
 * written to; `unseenText` words why a field is not known. Pure.
 */
export function stepsTowards(
  findings: readonly ResourceFinding[],
  {
    restart,
    only,
    unseenText,
  }: { restart: boolean; only: WriteScope | null; unseenText: (field: FieldFinding) => string },
): Steps {
  const all: Steps = { steps: [], leftOut: [], commands: [] };
  for (const { subject, fields } of findings) {
    const mine: PlanStep[] = [];
    for (const move of movesOf(fields)) {
      const { path, from, to } = move;
      const why = blocked(move.field, restart, unseenText) ?? leftOutOf(subject, move, only);
      const base = { resource: subject.resource, path };
      if (why === null)
        mine.push({
          ...base,
          name: subject.name,
          incarnation: subject.incarnation,
          from,
          to,
          effect: effectIn(move, subject, restart),
        });
      else {
        const [command] =
          move.field.state === 'drifted' && isForHand(subject, path)
            ? commandLines(subject, [{ ...base, from, to }], false)
            : [];
        all.leftOut.push({ ...base, why, ...(command !== undefined && { command }) });
      }
    }
    const restarts = mine.some(step => step.effect === 'restarts it');
    all.steps.push(...mine);
    if (mine.length > 0)
      all.commands.push(
        ...commandLines(
          subject,
          mine.filter(step => !isPendingOnly(fields, step)),
          restarts,
        ),
      );
  }
  return all;
}

interface Movement {
  path: string;
  from: JsonValue;
  to: JsonValue;
  field: FieldFinding;
}

/** One movement per path: claims about single members of a list become one change of the list. */
function movesOf(fields: readonly FieldFinding[]): Movement[] {
  const moves = new Map<string, Movement>();
  for (const field of fields) {
    const path = field.path.replace(/[+-]$/, '');
    const sign = field.path === path ? '' : field.path.at(-1);
    const before = moves.get(path)?.to ?? field.actual;
    const to =
      sign === ''
        ? field.declared
        : sign === '+'
          ? [...new Set([...listOf(before), ...listOf(field.declared)])].sort()
          : listOf(before).filter(one => !listOf(field.declared).includes(one));
    moves.set(path, { path, from: field.actual, to, field });
  }
  return [...moves.values()];
}

/** Why a difference is not planned; null where it is. */
function blocked(
  field: FieldFinding,
  restart: boolean,
  unseenText: (field: FieldFinding) => string,
): string | null {
  switch (field.state) {
    case 'unseen':
      return unseenText(field);
    case 'conflict':
      return `rules ${field.rules.join(' and ')} contradict one another`;
    case 'accepted':
      return `accepted by ${field.exception!.owner} for now`;
    case 'pending':
      return restart ? null : 'it is set already and waits for the next restart; restart: true plans one';
    default:
      return null;
  }
}

function effectIn({ path, from, to, field }: Movement, subject: Subject, restart: boolean): StepEffect {
  if (field.state === 'pending') return 'restarts it';
  // Setting the running value again drops the pending one.
  if (field.afterRestart) return 'now';
  return effectOf(subject, path, from, to, restart);
}

function isPendingOnly(fields: readonly FieldFinding[], { path }: PlanStep): boolean {
  return fields.some(field => field.path === path && field.state === 'pending');
}

/** Whether a change left to a person gets a command: only where one command makes just that change and removes nothing. */
function isForHand({ template, type }: Subject, path: string): boolean {
  if (template) return false;
  if (type === 'storage') return true;
  return (
    ['pool', 'ha'].includes(path) ||
    /^config\.(?!net\d|(?:ide|sata|scsi|virtio|efidisk|tpmstate|rootfs|mp|unused)\d*(?:\.|$)|protection)/.test(
      path,
    )
  );
}

/** A hash of everything a plan does, compared when it is carried out. */
export function planIdentity(
  cluster: string,
  { revision, steps }: Pick<PlanEntity, 'revision' | 'steps'>,
): string {
  const said = steps.map(step => [
    step.resource,
    step.incarnation,
    step.path,
    step.from,
    step.to,
    step.effect,
  ]);
  return createHash('sha256')
    .update(JSON.stringify([cluster, revision, said]))
    .digest('hex');
}
