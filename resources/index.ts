import type { ResourceDefinition } from '../src/mcp/define/resource.ts';
import { latestChangesResource } from './changes.ts';
import { clusterResource } from './cluster.ts';
import { declarationResource, revisionResource } from './declaration.ts';
import { containerResource, vmResource } from './guest.ts';
import { historyResource } from './history.ts';
import { containersResource, nodesResource, storagesResource, vmsResource } from './lists.ts';
import { nodeResource } from './node.ts';
import { planResource } from './plan.ts';
import { runResource } from './run.ts';
import { schemaResource } from './schema.ts';
import { storageResource } from './storage.ts';
import { taskResource } from './task.ts';

/** Every resource, in the order hosts show them. */
export const resources: readonly ResourceDefinition[] = [
  clusterResource,
  nodesResource,
  nodeResource,
  vmsResource,
  vmResource,
  containersResource,
  containerResource,
  storagesResource,
  storageResource,
  taskResource,
  historyResource,
  latestChangesResource,
  runResource,
  schemaResource,
  declarationResource,
  revisionResource,
  planResource,
];
