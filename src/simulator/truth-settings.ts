import type { BackupJob, HaResource, HaRule, Node } from './types.ts';

/** The parts of a cluster from which its settings are derived. */
export interface SettingsSource {
  readonly nodes: ReadonlyMap<string, Node>;
  readonly ha: ReadonlyMap<number, HaResource>;
  readonly pools: ReadonlyMap<string, { comment?: string }>;
  readonly backupJobs: readonly BackupJob[];
  readonly haRules: readonly HaRule[] | undefined;
}

/** A setting's fields by path; lists are sorted, absent fields left out. */
export type TruthSetting = Record<string, unknown>;

/** Backup jobs, pools, and the resources and rules of high availability by key: `pool/prod`, `ha/vm:100`. */
export function truthSettings(cluster: SettingsSource): Record<string, TruthSetting> {
  return Object.fromEntries([
    ...cluster.backupJobs.map(job => [`backup-job/${job.id}`, jobTruth(job)] as const),
    ...[...cluster.pools].map(([id, { comment }]) => [`pool/${id}`, whereSet({ comment })] as const),
    ...[...cluster.ha.values()].map(ha => [`ha/${ha.sid}`, haTruth(ha)] as const),
    ...rulesInForce(cluster).map(rule => [`ha/${rule.rule}`, ruleTruth(rule)] as const),
  ]);
}

/** The rules of high availability: by default, one that prefers nodes for the first guest, if that is managed. */
export function rulesInForce({ nodes, ha, haRules }: SettingsSource): readonly HaRule[] {
  if (haRules !== undefined) return haRules;
  const [first, second] = [...nodes.keys()];
  const preferred = second === undefined ? `${first}` : `${first}:2,${second}`;
  return ha.has(100)
    ? [{ rule: 'pin-web', type: 'node-affinity', nodes: preferred, resources: 'vm:100' }]
    : [];
}

function jobTruth(job: BackupJob): TruthSetting {
  const { enabled, schedule, storage, mode, comment, pool, all, vmid, exclude } = job;
  return {
    enabled: enabled === 1,
    all: all === 1,
    vmids: numbers(vmid),
    exclude: numbers(exclude),
    ...whereSet({ schedule, storage, mode, comment, pool }),
    ...whereSet({ 'options.prune-backups': job['prune-backups'] }),
  };
}

function haTruth({ state, comment, maxRestart }: HaResource): TruthSetting {
  return { requested: state, ...whereSet({ comment, max_restart: maxRestart }) };
}

function ruleTruth({ type, resources, nodes, strict, affinity, disable }: HaRule): TruthSetting {
  return {
    enabled: disable !== 1,
    resources: resources.split(',').sort(),
    nodes: (nodes ?? '').split(',').filter(Boolean).sort(),
    strict: strict === 1,
    type,
    ...whereSet({ affinity }),
  };
}

function numbers(list: string | undefined): number[] {
  const named = (list ?? '').split(',').filter(Boolean).map(Number);
  return [...new Set(named)].sort((a, b) => a - b);
}

function whereSet(fields: TruthSetting): TruthSetting {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined && value !== ''),
  );
}
