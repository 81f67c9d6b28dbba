import type { StandingVersion, Step, Version } from '../model/change.ts';
import type { Detail } from '../model/detail.ts';
import { isGuestType } from '../model/resource.ts';
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

/** The same version without a pool that may not be seen in its state. */
export function withoutHiddenPool(version: StandingVersion, sight: Sight): StandingVersion {
  const { type, state } = version;
  return isGuestType(type) && hides(sight, state['pool'])
    ? { ...version, state: { ...state, pool: null } }
    : version;
}

const hides = (sight: Sight, pool: unknown) => typeof pool === 'string' && !sight.pool(pool);

/**
 * A version without the pools that may not be seen; nothing if pools were all it changed, unless it is kept for the state it
 * holds.
 */
export function withoutHiddenPools<V extends Step | Version>(version: V, sight: Sight, kept?: 'keep'): V[] {
  if (!isGuestType(version.type)) return [version];
  const fields = version.fields.filter(
    ({ path, from, to }) => path !== 'pool' || !(hides(sight, from) || hides(sight, to)),
  );
  const state = 'state' in version ? version.state : undefined;
  if (fields.length === version.fields.length && !hides(sight, state?.['pool'])) return [version];
  if (fields.length === 0 && version.fields.length > 0 && version.change === 'updated' && kept === undefined)
    return [];
  return [
    {
      ...version,
      fields,
      ...(state !== undefined && hides(sight, state['pool']) && { state: { ...state, pool: null } }),
    },
  ];
}
