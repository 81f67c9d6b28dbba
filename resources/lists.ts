import { defineResource, type ResourceDefinition } from '../src/mcp/define/resource.ts';
import { stamped } from '../src/mcp/define/stamp.ts';
import type { ToolContext, ToolDefinition } from '../src/mcp/define/tool.ts';
import { listContainers } from '../tools/list-containers.ts';
import { listNodes } from '../tools/list-nodes.ts';
import { listStorage } from '../tools/list-storage.ts';
import { listVms } from '../tools/list-vms.ts';

/** The first page of a list tool as a resource; the tool itself filters and pages. */
function listResource(
  folder: string,
  title: string,
  tool: ToolDefinition,
  prefixes: readonly string[],
): ResourceDefinition {
  return defineResource({
    uri: `proxmox://${folder}`,
    name: folder,
    title,
    description: `${title} as ${tool.name} shows them; the tool filters, sorts and pages.`,
    needs: typeof tool.needs === 'function' ? tool.needs({}) : tool.needs,
    read: async (_variables, context: ToolContext) => {
      const {
        next_cursor: more,
        hint,
        ...facts
      } = (await stamped(await tool.handler({ limit: 500 }, context), context)) as {
        next_cursor?: string;
        hint?: string;
      };
      const rest = more === undefined ? hint : `More: ${tool.name} {"cursor":"${more}"}`;
      return { ...facts, ...(rest !== undefined && { hint: rest }) };
    },
    changedBy: keys => keys.some(key => prefixes.some(prefix => key.startsWith(prefix))),
  });
}

/** Changes with any node. */
export const nodesResource = listResource('nodes', 'Nodes', listNodes, ['node/']);
/** Changes with any VM, and with nodes: those of a lost node become `unknown`. */
export const vmsResource = listResource('vms', 'Virtual machines', listVms, ['vm/', 'node/']);
/** Changes as `vmsResource` does. */
export const containersResource = listResource('containers', 'Containers', listContainers, [
  'container/',
  'node/',
]);
/** Changes with any storage, and with nodes, from which it is seen. */
export const storagesResource = listResource('storage', 'Storages', listStorage, ['storage/', 'node/']);
