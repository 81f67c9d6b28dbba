import type { ToolDefinition } from '../src/mcp/define/tool.ts';
import { applyPlan } from './apply-plan.ts';
import { checkHealth } from './check-health.ts';
import { declareState } from './declare-state.ts';
import { diffState } from './diff-state.ts';
import { discover } from './discover.ts';
import { findResources } from './find-resources.ts';
import { getClusterStatus } from './get-cluster-status.ts';
import { getResource } from './get-resource.ts';
import { getTask } from './get-task.ts';
import { listContainers } from './list-containers.ts';
import { listGuests } from './list-guests.ts';
import { listNodes } from './list-nodes.ts';
import { listStorage } from './list-storage.ts';
import { listTasks } from './list-tasks.ts';
import { listVms } from './list-vms.ts';
import { planChanges } from './plan-changes.ts';
import { querySql } from './query-sql.ts';
import { showHistory } from './show-history.ts';
import { showUsage } from './show-usage.ts';
import { timelineFactsTool } from './timeline-facts.ts';

/** Every tool, in the order hosts show them; those that exist only as commands come last. */
export const tools: readonly ToolDefinition[] = [
  getClusterStatus,
  checkHealth,
  listGuests,
  listVms,
  listNodes,
  listStorage,
  listTasks,
  getResource,
  getTask,
  findResources,
  diffState,
  showHistory,
  showUsage,
  querySql,
  declareState,
  planChanges,
  discover,
  listContainers,
];

/** Called by our pages for what answers lack. Hosts without pages do not see it, and it is not a command. */
const forApps: readonly ToolDefinition[] = [timelineFactsTool];

/** The same with `apply_plan` after `plan_changes`. */
export const toolsThatWrite: readonly ToolDefinition[] = tools.flatMap(tool =>
  tool === planChanges ? [tool, applyPlan] : [tool],
);

/**
 * The tools of a server. Without a token for writing, `apply_plan` is not listed, and a call of it is refused with the reason.
 */
export function toolsFor({ writes }: { writes: boolean }): readonly ToolDefinition[] {
  const answering = writes ? toolsThatWrite : [...tools, { ...applyPlan, unlisted: true as const }];
  return [...answering, ...forApps];
}
