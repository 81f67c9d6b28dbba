import * as z from 'zod';

/*
 * The rows and objects that answers are made of, by the names that clients know: what a test reads of them has a type, and a
 * name that no answer has is a type error. Which of them an answer really has, test/questions holds against these.
 */

/**
 * Facts by name. Each is there only where it applies, and has its type without that doubt: a test that reads one which is not
 * there gets undefined, and fails.
 */
export function facts<S extends z.ZodRawShape>(fields: S): z.ZodType<z.output<z.ZodObject<S>>> {
  return z.strictObject(fields).partial() as unknown as z.ZodType<z.output<z.ZodObject<S>>>;
}

const text = z.string();
const number = z.number();
const flag = z.boolean();
const texts = z.array(text);
/** A value of a configuration or a state, whatever it is. */
const value = z.unknown();
const values = z.record(text, value);

/** How many there are of each status, severity or kind of difference. */
export const counts = facts({
  ...{
    total: number,
    templates: number,
    running: number,
    stopped: number,
    paused: number,
    suspended: number,
  },
  ...{ online: number, offline: number, unknown: number, critical: number, warning: number, info: number },
  ...{
    revision: number,
    resources: number,
    drifted: number,
    accepted: number,
    pending: number,
    unseen: number,
  },
  ...{ conflict: number, missing: number },
  ...{ discovered: number, created: number, updated: number, deleted: number, unchanged: number },
});

/** Why it is not known how something is now. */
const UNSEEN = { last_status: text, unseen_since: text, unseen_reason: text };

const window = facts({ after: text, before: text });

export const cause = facts({
  ...{ upid: text, type: text, user: text, status: text, source: text, fields: texts },
  ...{ plan: text, asker: text, why: text },
});

export const field = facts({
  ...{ path: text, from: value, to: value },
  // Where it is compared with what is declared.
  ...{ state: text, rule: text, revision: number, when: text, window, declared: z.array(value) },
  ...{ owner: text, until: text, accepted_why: text, lapsed: flag, unseen_since: text, unseen_reason: text },
});

/** A row of what happened: a change, a task, what was declared, a plan, a write. */
export const change = facts({
  ...{ cluster: text, resource: text, name: text, node: text, change: text, at: text, window },
  ...{ fields: z.array(field), more_fields: number },
  ...{ causes: z.array(cause), more_causes: number, why_unknown: text, rule: text, revision: number },
  ...{ task: text, type: text, user: text, status: text, ...UNSEEN, until: text, result: text },
  ...{ declared: texts, no_longer: texts, accepted: texts, no_longer_accepted: texts },
  ...{ why: text, source: text, rules: number, exceptions: number },
  ...{ plan: text, steps: number, guests: texts, more_guests: number, outcome: text, how: text },
  ...{ operation: text, takes_back: text, asker: text, paths: texts, live_differs: flag },
});

export const task = facts({
  ...{ cluster: text, upid: text, node: text, type: text, id: text, user: text, status: text, ...UNSEEN },
  ...{ started_at: text, duration_seconds: number, changes: z.array(change) },
});

const usage = {
  ...{ cpu_percent: number, memory_percent: number, uptime_seconds: number },
  ...{ network_in_gib: number, network_out_gib: number, disk_used_gib: number },
};

const GUEST = {
  ...{ cluster: text, vmid: number, resource: text, name: text, node: text, status: text, ...UNSEEN },
  ...{ cpus: number, memory_gib: number, boot_disk_gib: number, tags: texts, template: flag },
  ...{ pool: text, lock: text, ha: text, unconfirmed: z.record(text, text) },
};

/** A guest in a list, with the columns that tests ask for by `show`. */
export const guest = facts({ ...GUEST, ...usage, disks: z.array(value) });

/** A group of guests, nodes or storages: sums, beside the keys that tests group by. */
export const group = facts({
  ...{ cluster: text, guests: number, running: number, unseen: number, cpus: number, memory_gib: number },
  ...{ nodes: number, online: number, storages: number, total_gib: number, used_gib: number },
  ...{ sizes_unknown: number, node: text, tag: text, type: text },
});

const NODE = {
  ...{ cluster: text, node: text, status: text, ...UNSEEN, cpus: number, cpu_percent: number },
  ...{ memory_gib: number, memory_percent: number, allocated_cpus: number, allocated_memory_gib: number },
  ...{ uptime_seconds: number, version: text, guests: number, unseen_guests: number },
  ...{ unconfirmed: z.record(text, text) },
};
export const node = facts({ ...NODE, memory_free_gib: number });

const STORAGE = {
  ...{ cluster: text, storage: text, type: text, node: text, shared: flag, status: text, ...UNSEEN },
  ...{ unseen_from: texts, content: texts, total_gib: number, used_percent: number },
  ...{ last_total_gib: number, last_used_percent: number, unconfirmed: z.record(text, text) },
};
export const storage = facts(STORAGE);

export const finding = facts({
  ...{ cluster: text, check: text, severity: text, resource: text, name: text, what: text, since: text },
  ...{ evidence: values, next: text, lapsed: text },
});

/** What somebody accepted and is left out. */
export const silenced = facts({
  ...{ cluster: text, check: text, resource: text, path: text, owner: text, until: text, why: text },
});

export const attention = facts({ cluster: text, what: text, why: text, next: text });

const reasoned = z.array(facts({ resource: text, why: text }));
const running = facts({ upid: text, type: text, resource: text, user: text, started_at: text });

/** A node beside the others, as `if_down` all tells of each. */
const loss = facts({
  ...{ node: text, down: flag, verdict: text, stops: number, restarts_elsewhere: number },
  ...{ cannot_start_elsewhere: number, quorum_holds: flag, memory_fits: flag, running_tasks: number },
});

/** What the loss of a node means, or of each beside the others. */
export const impact = facts({
  ...{ node: text, down: flag, verdict: text, stops: texts, stops_total: number, restarts_elsewhere: texts },
  ...{
    cannot_start_elsewhere: reasoned,
    cannot_start_elsewhere_total: number,
    may_not_start_elsewhere: reasoned,
  },
  ...{ bound: number, quorum_holds: flag, votes: value, memory_fits: flag, memory_needed_gib: number },
  ...{
    memory_free_elsewhere_gib: number,
    running_tasks: z.array(running),
    last_failed_at: text,
    back_at: text,
  },
  ...{ names: z.record(text, text), nodes: z.array(loss) },
});

export const usageRow = facts({
  ...{ cluster: text, resource: text, name: text, node: text, metric: text, of: text, unit: text },
  ...{ capacity: number, cpus: number, min: number, median: number, p95: number, max: number, now: number },
  ...{ now_percent: number, slope_per_day: number, sparkline: text, gaps: z.array(z.tuple([text, text])) },
  until_full: facts({ why: text, at: text, earliest: text, latest: text }),
  points: z.array(z.tuple([text, number.nullable()])),
});

export const match = facts({
  ...{ cluster: text, resource: text, name: text, node: text, status: text, ...UNSEEN, rank: number },
  ...{ field: text, value: text, also: texts, source: text, as_of: text, unconfirmed: z.record(text, text) },
});

export const difference = facts({ path: text, left: value, right: value });

export const rule = facts({
  ...{ cluster: text, id: text, match: z.record(text, text), fields: values, matches: number },
});

export const exception = facts({
  ...{ cluster: text, match: text, field: text, value, owner: text, until: text, why: text, lapsed: flag },
});

/** A step of a plan, or what is left out of it, and what became of it. */
export const step = facts({
  ...{ cluster: text, resource: text, name: text, path: text, from: value, to: value, effect: text },
  ...{ at: text, causes: z.array(cause), why_unknown: text, why: text, command: text },
  ...{ outcome: text, error: text, now: value, live_differs: flag },
});

export const refusal = facts({ code: text, resource: text, path: text, why: text });

export const trouble = facts({ line: number, text });

export const unseen = facts({ cluster: text, what: text, since: text, reason: text, resources: texts });

/** A cluster at a glance. */
export const STATUS = {
  ...{ name: text, quorate: flag, versions: texts, nodes: counts, vms: counts, containers: counts },
  totals: facts({
    ...{ cpus: number, cpu_percent: number, memory_gib: number, memory_percent: number },
    ...{ storage_gib: number, storage_percent: number, left_out: texts },
  }),
  tasks: facts({ running: number, unknown: number, failed_24h: number, own_only: flag }),
  backups: facts({ jobs: number, enabled: number, next_run: text, last_run: text, failed: number }),
  ...{ drift: counts, attention: z.array(attention) },
};

/** One of several clusters in an answer of all of them. */
export const ofCluster = facts({
  ...{ cluster: text, total: number, revision: number, as_of: text, source: text, hint: text, ...STATUS },
  stale: facts({ since: text, reason: text }),
});

const sum = { count: number, last_backup_at: text, size_gib: number, on: texts };
const job = facts({
  ...{ job: text, schedule: text, storage: text, mode: text, enabled: flag, next_run_at: text, guests: text },
});
const addresses = facts({
  ...{ interfaces: z.array(facts({ name: text, mac: text, ips: texts })), as_of: text, silent: text },
});
const replication = facts({
  ...{ job: text, from: text, to: text, schedule: text, last_sync_at: text, failures: number, error: text },
});

/** All that is told of one resource, whatever its type. */
export const resource = facts({
  ...{ resource: text, at: text, since: text, deleted_at: text, started_at: text, history_starts_at: text },
  ...{ tasks: z.array(task), history: z.array(change), usage: facts(usage) },
  // Of a guest, a node, a storage; and the guests of a pool, a backup job or a rule by name.
  ...{ ...GUEST, ...NODE, ...STORAGE, guests: z.union([number, texts]) },
  ...{ config: values, config_as_of: text, pending_unseen: text },
  pending: z.array(facts({ path: text, running: value, after_restart: value })),
  snapshots: z.array(facts({ name: text, created_at: text })),
  ...{ addresses, replication: z.array(replication) },
  ha_resource: facts({
    ...{
      requested: text,
      state: text,
      group: text,
      max_restart: number,
      max_relocate: number,
      comment: text,
    },
  }),
  backups: facts({
    ...{
      ...sum,
      as_of: text,
      former: z.array(facts({ ...sum, of_predecessor: flag })),
      of_predecessor: number,
    },
    unjudged: facts({ ...sum, reason: text }),
  }),
  backup_jobs: z.array(job),
  stands_on: z.array(facts({ storage: text, status: text, devices: texts })),
  ...{ clone_of: texts, linked_clones: texts, ha_rules: texts },
  // Of a node.
  ...{ kernel: text, cpu_model: text, cpu_sockets: number, load: z.array(number), root_gib: number },
  ...{
    root_used_gib: number,
    swap_gib: number,
    swap_used_gib: number,
    details_as_of: text,
    guest_names: texts,
  },
  if_down: facts({ verdict: text, restarts_elsewhere: texts, bound: number, more: text }),
  // Of a storage.
  ...{ enabled: flag, only_nodes: texts, options: values, unreachable_reasons: z.record(text, text) },
  ...{ views: z.array(storage), used_by: texts, used_by_total: number },
  // Of the cluster.
  ...{ quorate: flag, votes: number, expected_votes: number, versions: value, quorum_as_of: text },
  // Of what is set for it as a whole.
  ...{ next_run_at: text, as_of: text, manager_state: text, rules: texts, comment: text, schedule: text },
  ...{ mode: text, all: flag, vmids: z.array(number), exclude: z.array(number) },
});
