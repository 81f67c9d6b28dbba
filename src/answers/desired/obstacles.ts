import type { Subject } from '../../desired/subject.ts';
import type { PlannedGuest } from '../../mcp/define/applying.ts';
import type { ToolContext } from '../../mcp/define/tool.ts';
import type { ApplyRefusal } from '../../model/applying.ts';
import type { PlanEntity } from '../../model/plan.ts';
import { isGuestType } from '../../model/resource.ts';
import { isObject } from '../../model/state.ts';

/** What keeps a plan from being carried out here; empty where nothing is ever carried out. */
export async function obstaclesTo(
  plan: PlanEntity,
  subjects: readonly Subject[],
  { applying }: ToolContext,
): Promise<ApplyRefusal[]> {
  if (applying === undefined || plan.steps.length === 0) return [];
  const changed = new Set(plan.steps.map(step => step.resource));
  return applying.obstacles(plan, subjects.filter(one => changed.has(one.resource)).flatMap(plannedGuest));
}

function plannedGuest({ type, node, config, pending, ...facts }: Subject): PlannedGuest[] {
  if (!isGuestType(type) || node === null) return [];
  const { resource, tags, pool, template } = facts;
  const bridges = Object.entries(config ?? {}).flatMap(([key, card]) =>
    /^net\d+$/.test(key) && isObject(card) && typeof card['bridge'] === 'string'
      ? [[key, card['bridge']]]
      : [],
  );
  const state = { config: config ?? {}, waiting: pending ?? {} };
  return [{ resource, type, node, tags, pool, template, ...state, bridges: Object.fromEntries(bridges) }];
}
