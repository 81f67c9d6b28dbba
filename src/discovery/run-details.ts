import type { NewVersion } from '../model/change.ts';
import type { NodeEntity } from '../model/entity.ts';
import type { JsonObject } from '../model/state.ts';
import { endpoints } from '../proxmox/endpoints/index.ts';
import { ProxmoxError } from '../proxmox/proxmox-error.ts';
import { diffStates } from '../state/diff.ts';
import { nodeState } from '../state/resource-state.ts';
import type { RunContext } from './context.ts';
import { count } from './run-inventory.ts';
import { insertVersions } from './versions.ts';

/** Reads the Proxmox VE version of each online node and commits what changed. */
export async function runDetails(context: RunContext): Promise<void> {
  const { api, store, lease, run, inventory } = context;
  const observedAt = context.now();
  const upserts: NodeEntity[] = [];
  const versions: NewVersion[] = [];
  let complete = true;
  await Promise.all(
    [...inventory.online].map(async node => {
      const before = context.nodes.get(node);
      if (before === undefined) return;
      try {
        const { version } = await api.get(endpoints.nodes.version, { node });
        const after = { ...before, pveVersion: version };
        upserts.push(after);
        if (before.pveVersion !== version) versions.push(nodeVersion(before, after, observedAt));
      } catch (error) {
        if (!(error instanceof ProxmoxError)) throw error;
        complete = false;
        run.unseen.push({ what: `version of node ${node}`, since: null, reason: error.message });
      }
    }),
  );
  await store.commitFacet(lease, { runId: run.id, facet: 'details', observedAt, complete }, async commit => {
    await commit.upsertNodes(upserts);
    await insertVersions(context, commit, versions);
  });
  for (const node of upserts) context.nodes.set(node.id, node);
  count(context, versions);
  context.committed(
    'details',
    versions.map(version => `node/${version.resourceId}`),
  );
}

/** The first version read is knowledge gained; a later one is an upgrade. */
function nodeVersion(before: NodeEntity, after: NodeEntity, observedAt: number): NewVersion {
  const gained = before.pveVersion === null;
  return {
    type: 'node',
    resourceId: after.id,
    incarnation: after.incarnation,
    change: gained ? 'discovered' : 'updated',
    facet: 'details',
    name: after.id,
    node: after.id,
    fields: gained ? [] : diffStates(nodeState(before), nodeState(after)),
    state: nodeState(after) as unknown as JsonObject,
    windowAfter: before.lastSeen,
    windowBefore: observedAt,
  };
}
