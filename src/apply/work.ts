import type { PlanEntity, PlanStep } from '../model/plan.ts';
import { type GuestType, parseGuestKey } from '../model/resource.ts';
import { TASK_FIELDS } from './compose-task.ts';

/** What a plan does to one guest. */
export interface GuestWork {
  /** `vm/101`. */
  resource: string;
  type: GuestType;
  vmid: number;
  incarnation: number;
  steps: PlanStep[];
}

/** A plan's work guest by guest, in the order of its steps. */
export function workOf(plan: Pick<PlanEntity, 'steps'>): GuestWork[] {
  const guests = new Map<string, GuestWork>();
  for (const step of plan.steps) {
    const { resource, incarnation } = step;
    const { type, id: vmid } = parseGuestKey(resource);
    const work = guests.get(resource) ?? { resource, type, vmid, incarnation, steps: [] };
    work.steps.push(step);
    guests.set(resource, work);
  }
  return [...guests.values()];
}

/**
 * One thing to be done to a guest, in one write. `restart` applies pending values, and only if there are any; the others carry
 * out their steps.
 */
export interface Stage {
  kind: 'config' | 'restart' | 'task';
  steps: PlanStep[];
}

/**
 * The order of a guest's steps: a snapshot before anything changes, then one write of the configuration and the restart it needs.
 * A guest that is to be off before or afterwards is migrated while it is off.
 */
export function stagesOf({ steps }: Pick<GuestWork, 'steps'>): Stage[] {
  const config = steps.filter(step => !isTaskStep(step));
  const restarted = config.filter(step => step.effect === 'restarts it');
  const of = (path: string, to?: string) =>
    steps
      .filter(step => step.path === path && (to === undefined || step.to === to))
      .map((step): Stage => ({ kind: 'task', steps: [step] }));
  return [
    ...of('snapshots'),
    ...(config.length > 0 ? [{ kind: 'config', steps: config } as const] : []),
    ...(restarted.length > 0 ? [{ kind: 'restart', steps: restarted } as const] : []),
    ...of('status', 'stopped'),
    ...of('node'),
    ...of('status', 'running'),
  ];
}

/** Whether a step is carried out by a task, rather than by setting a configuration value. */
function isTaskStep({ path }: Pick<PlanStep, 'path'>): boolean {
  return TASK_FIELDS.some(field => field === path);
}
