import type { Step, Version } from '../model/change.ts';
import type { Detail } from '../model/detail.ts';
import type { Sight } from './sight.ts';

/** Whether a fact outside history may be seen. Proxmox shows cluster-wide settings to users with Sys.Audit on `/`. */
export function detailSeen(sight: Sight, { topic, subject, source }: Detail): boolean {
  const [, id = subject] = /^(?:vm|container)\/(.+)$/.exec(subject) ?? [];
  switch (topic) {
    case 'backups':
    case 'former_backups':
      return sight.backup(id, source.split('@')[0]!);
    case 'addresses':
      return sight.guest(id) && (subject.startsWith('container/') || sight.agent(id));
    case 'replication':
    case 'confinement':
      return sight.guest(id);
    case 'usage':
      return sight.named(subject);
    case 'node':
      return sight.node(subject);
    case 'storage_fill':
    case 'storage_reason':
      return sight.storage(subject);
    case 'pool':
      return sight.pool(subject);
    default:
      return sight.root;
  }
}

/**
 * A version without the pools that may not be seen; nothing if pools were all it changed, unless it is kept for the state it
 * holds.
 */
export function withoutHiddenPools<V extends Step | Version>(version: V, sight: Sight, kept?: 'keep'): V[] {
  if (version.type !== 'vm' && version.type !== 'container') return [version];
  const hides = (value: unknown) => typeof value === 'string' && !sight.pool(value);
  const fields = version.fields.filter(
    ({ path, from, to }) => path !== 'pool' || !(hides(from) || hides(to)),
  );
  const state = 'state' in version ? version.state : undefined;
  if (fields.length === version.fields.length && !hides(state?.['pool'])) return [version];
  if (fields.length === 0 && version.fields.length > 0 && version.change === 'updated' && kept === undefined)
    return [];
  return [
    {
      ...version,
      fields,
      ...(state !== undefined && hides(state['pool']) && { state: { ...state, pool: null } }),
    },
  ];
}
