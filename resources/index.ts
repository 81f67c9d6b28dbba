import type { ResourceDefinition } from '../src/mcp/define-resource.ts';
import { clusterResource } from './cluster.ts';
import { containerResource, vmResource } from './guest.ts';
import { historyResource } from './history.ts';
import { nodeResource } from './node.ts';

/** Every resource, in the order hosts show them. */
export const resources: readonly ResourceDefinition[] = [
  clusterResource,
  nodeResource,
  vmResource,
  containerResource,
  historyResource,
];
