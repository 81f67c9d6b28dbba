import { randomInt } from 'node:crypto';
import type { FieldFinding } from '../../desired/comparison.ts';
import { stepResults } from '../../desired/outcome.ts';
import { PLAN_LIVES_MS, planIdentity, type Steps, stepsTowards } from '../../desired/plan.ts';
import { selects } from '../../desired/selector.ts';
import type { Subject } from '../../desired/subject.ts';
import { UsageError } from '../../errors.ts';
import { formatTime } from '../../history/moment.ts';
import type { ToolContext } from '../../mcp/define/tool.ts';
import { DECLARABLE_TYPES, type Selector } from '../../model/declaration.ts';
import type { PlanEntity, StepAuthors } from '../../model/plan.ts';
import { isGuestType } from '../../model/resource.ts';
import type { JsonObject } from '../../model/state.ts';
import { clusterNow } from '../cluster-clock.ts';
import { clusterText, quoted } from '../format/text.ts';
import { approveText } from './approve-text.ts';
import { authorsKey, fieldAuthors } from './authors.ts';
import { declarationInForce } from './in-force.ts';
import { obstaclesTo } from './obstacles.ts';
import { checkPlanSize } from './plan-size.ts';
import { unknownReason } from './rows.ts';
import { type SelectorInput, selectorOf } from './selectors.ts';
import { readSettings } from './settings.ts';
import { presentSubjects, withConfigs } from './subjects.ts';
import { pathsOf, type Target, towards, towardsMoment, towardsRestart, towardsSettings } from './target.ts';
import { notUndone, towardsUndo } from './undo.ts';

/** The arguments of a call that plans. */
export interface PlanInput extends SelectorInput {
  to?: string | undefined;
  set?: string[] | undefined;
  undo?: string | undefined;
  fields?: string[] | undefined;
  restart?: boolean | undefined;
}

/** A new plan, the commands a person may run instead, and hints. */
export interface Made {
  plan: PlanEntity;
  /** Empty where this program can carry the plan out. */
  commands: string[];
  /** How it can be carried out. */
  approve: string;
  notes: (string | undefined)[];
}

/** Most guests that are read again for a plan; beyond that, they are as fresh as the store keeps them. */
const READ_ANEW = 25;
const ID_LETTERS = '23456789abcdefghjkmnpqrstuvwxyz';

/** Plans how to bring resources to a wanted state. Writes the plan to the store and nothing anywhere else. @throws UsageError */
export async function makePlan(input: PlanInput, context: ToolContext): Promise<Made> {
  const goals = [input.set, input.undo, input.to].filter(one => one !== undefined);
  if (goals.length > 1)
    throw new UsageError('set, to and undo exclude one another.', {
      hint: 'Give one of them, or none for what is declared.',
    });
  const { match, note } = await selectorOf(input, context);
  const notes: (string | undefined)[] = [note];
  const former = input.undo === undefined ? null : await planCalled(input.undo, context);
  const chosen = await subjectsFor(match, former, input, context);
  const { target, revision, fault } = await targetOf(input, match, chosen, former, context);
  notes.push(fault);
  const unseenText = (field: FieldFinding) =>
    `it cannot be seen now${field.unknown?.since ? ` (since ${formatTime(field.unknown.since, context.timeZone)})` : ''}: ${unknownReason(field.unknown!)}`;
  const steps = stepsTowards(target.findings, {
    restart: input.restart === true,
    only: context.applying?.only ?? null,
    unseenText,
  });
  steps.leftOut.unshift(...target.leftOut);
  nameAuthors(steps, await fieldAuthors([...target.findings, ...(target.astray ?? [])], context.store));
  if (chosen.length === 0) notes.push('Nothing fits that selector.');
  else if (steps.steps.length === 0 && steps.leftOut.length === 0) notes.push(asWanted(chosen.length));
  else notes.push(summary(chosen.length, steps), notUndone(steps.steps));
  // Words such as "this morning" stand for one moment: show which.
  if (target.at !== undefined)
    notes.push(`Wanted is how it was at ${formatTime(target.at, context.timeZone)}.`);
  const plan = await entityOf(input, steps, revision, context);
  checkPlanSize(plan);
  if (plan.steps.length > 0) await context.declaring.savePlan(plan);
  const obstacles = await obstaclesTo(plan, chosen, context);
  const free = context.applying !== undefined && obstacles.length === 0;
  return {
    plan,
    commands: free ? [] : steps.commands,
    approve: approveText(plan.id, context.applying, obstacles),
    notes,
  };
}

/** Adds to what a plan changes, or leaves out, who made it what it is. */
function nameAuthors({ steps, leftOut }: Steps, authors: ReadonlyMap<string, StepAuthors>): void {
  for (const one of [...steps, ...leftOut]) {
    const found = authors.get(authorsKey(one.resource, one.path));
    if (found !== undefined) one.authors = found;
  }
}

/** For several resources: how many are as wanted, will change, and are left out. */
function summary(chosen: number, { steps, leftOut }: Steps): string | undefined {
  if (chosen < 2) return undefined;
  const changing = new Set(steps.map(step => step.resource));
  const left = new Set(leftOut.map(one => one.resource).filter(one => !changing.has(one)));
  const rest = chosen - changing.size - left.size;
  return `${chosen} fit: ${rest} as wanted already, ${changing.size} to change, ${left.size} left out.`;
}

function asWanted(chosen: number): string {
  return chosen === 1
    ? 'It is as wanted already.'
    : `All ${chosen} are as wanted already, or nothing is declared of them.`;
}

const PLAN_ID = /^p-[0-9a-z]{1,16}$/;

/** A plan by its id. @throws UsageError where there is none */
export async function planCalled(id: string, { store }: Pick<ToolContext, 'store'>): Promise<PlanEntity> {
  const asked = id.trim().toLowerCase();
  // Only look up what can be an id: a store refuses texts that do not fit its column.
  const plan = PLAN_ID.test(asked) ? await store.plan(asked) : null;
  if (plan !== null) return plan;
  throw new UsageError(`There is no plan ${quoted(id)}.`, {
    hint: 'plan_changes makes one; its id begins with p-.',
  });
}

async function subjectsFor(
  match: Selector,
  former: PlanEntity | null,
  { set }: PlanInput,
  context: ToolContext,
): Promise<Subject[]> {
  if (set !== undefined && Object.keys(match).length === 0)
    throw new UsageError('set needs to know of which guests.', {
      hint: 'Name a resource, or give type, name, tag, pool or node.',
    });
  const { store } = context;
  const types = match.type !== undefined ? [match.type] : DECLARABLE_TYPES;
  const undone = new Set(former?.steps.map(step => step.resource));
  const fits = selects(match);
  const wanted = (subject: Subject) => fits(subject) && (former === null || undone.has(subject.resource));
  const found = (await presentSubjects(store, types)).filter(wanted);
  const guests = found.filter(subject => isGuestType(subject.type) && subject.unknown === null);
  if (guests.length > 0 && guests.length <= READ_ANEW) {
    await context.refreshGuests(guests.map(subject => subject.resource));
    return withConfigs(store, (await presentSubjects(store, types)).filter(wanted));
  }
  return withConfigs(store, found);
}

async function targetOf(
  input: PlanInput,
  match: Selector,
  subjects: Subject[],
  former: PlanEntity | null,
  context: ToolContext,
): Promise<{ target: Target; revision: number; fault: string | undefined }> {
  const inForce = await declarationInForce(context);
  const revision = inForce.revision?.number ?? 0;
  const now = await clusterNow(context);
  const paths = pathsOf(input.fields, match);
  const alone = [input.set, input.to, input.undo, input.fields].every(one => one === undefined);
  if (input.restart === true && alone && Object.keys(match).length > 0)
    return { target: towardsRestart(subjects), revision, fault: inForce.fault };
  if (former !== null) {
    const results = stepResults(former, await context.store.operations({ plan: former.id }));
    return { target: towardsUndo(former, results, subjects, now), revision, fault: undefined };
  }
  if (input.set !== undefined)
    return { target: settingsTarget(input.set, match, subjects, now), revision, fault: undefined };
  if (input.to !== undefined && !/^\s*declared\s*$/i.test(input.to)) {
    if (Object.keys(match).length === 0)
      throw new UsageError('to a moment needs to know of which guests.', {
        hint: 'Name a resource, or give type, name, tag, pool or node.',
      });
    return { target: await towardsMoment(input.to, subjects, paths, context), revision, fault: undefined };
  }
  if (revision === 0 && inForce.fault === undefined)
    throw new UsageError('Nothing is declared, so there is nothing to plan towards.', {
      hint: 'Declare with declare_state, or plan with set or to.',
    });
  const target = towards(inForce.declaration, subjects, paths, now);
  const there = new Set(subjects.map(subject => subject.resource));
  for (const { match: one } of inForce.declaration.rules)
    if (one.resource !== undefined && one.resource === match.resource && !there.has(one.resource))
      target.leftOut.push({
        resource: one.resource,
        path: '*',
        why: 'it is not there, and plans create nothing',
      });
  return { target, revision, fault: inForce.fault };
}

/** Settings, and the snapshots that `snapshot+=name` asks for. */
function settingsTarget(
  set: readonly string[],
  match: Selector,
  subjects: readonly Subject[],
  now: number,
): Target {
  const snapshots = set.flatMap(text => /^\s*snapshots?\s*\+=\s*(.*)$/.exec(text)?.[1]?.trim() ?? []);
  const others = set.filter(text => !/^\s*snapshots?\s*\+=/.test(text));
  const odd = snapshots.find(
    name => !/^[A-Za-z][\w-]{1,39}$/.test(name) || ['current', 'pending'].includes(name),
  );
  if (odd !== undefined)
    throw new UsageError(`${quoted(odd)} is no name of a snapshot.`, {
      hint: 'Use 2 to 40 letters, digits, - and _, a letter first.',
    });
  const target =
    others.length === 0
      ? { findings: [], leftOut: [] }
      : towardsSettings(match, readSettings(others, match), subjects, now);
  const taken = snapshots.flatMap(name =>
    subjects
      .filter(subject => isGuestType(subject.type))
      .map(subject => ({ subject, fields: [snapshotField(subject, name)] })),
  );
  // Snapshots come first, before anything changes.
  return { ...target, findings: [...taken, ...target.findings] };
}

function snapshotField(subject: Subject, name: string): FieldFinding {
  const unseen = subject.unknown !== null;
  return {
    path: 'snapshots',
    declared: name,
    actual: null,
    state: unseen ? 'unseen' : 'drifted',
    rules: [],
    revision: 0,
    ...(subject.unknown !== null && { unknown: subject.unknown }),
  };
}

async function entityOf(
  input: PlanInput,
  { steps, leftOut }: Steps,
  revision: number,
  { store, now, client }: ToolContext,
): Promise<PlanEntity> {
  const cluster = await store.cluster();
  const id = `p-${Array.from({ length: 5 }, () => ID_LETTERS[randomInt(ID_LETTERS.length)]).join('')}`;
  const identity = planIdentity(`${cluster?.name ?? ''} ${cluster?.rootFingerprint ?? ''}`, {
    revision,
    steps,
  });
  return {
    id,
    identity,
    revision,
    // A command has no client name before "of", yet it runs for somebody.
    asker: clusterText(client.replace(/^ of /, ''), 200),
    request: Object.fromEntries(
      Object.entries(input).filter(([, value]) => value !== undefined),
    ) as JsonObject,
    steps,
    leftOut,
    createdAt: now,
    expiresAt: now + PLAN_LIVES_MS,
    usedAt: null,
    outcome: null,
  };
}
