import { isObject } from '../../model/state.ts';

/*
 * What the JSON of a store's columns looks like, in every version. A backup is anybody's file: what it holds instead would fail
 * each answer that reads it.
 */

type Shape = (value: unknown) => boolean;

const text: Shape = value => typeof value === 'string';
const list =
  (of: Shape): Shape =>
  value =>
    Array.isArray(value) && value.every(of);
const moments: Shape = value =>
  isObject(value) && Object.values(value).every(at => at === null || Number.isFinite(at));
const orNull =
  (of: Shape): Shape =>
  value =>
    value === null || of(value);

const SHAPES: { readonly [column: string]: Shape } = {
  'vms.tags': list(text),
  'vms.unconfirmed': orNull(moments),
  'nodes.unconfirmed': orNull(moments),
  'node_storage.unconfirmed': orNull(moments),
  'containers.tags': list(text),
  'containers.unconfirmed': orNull(moments),
  'guest_configs.config': isObject,
  'guest_configs.pending': orNull(isObject),
  'guest_configs.snapshots': moments,
  'storage.content_types': list(text),
  'storage.nodes': list(text),
  'storage.options': isObject,
  'details.data': value => typeof value === 'object' && value !== null,
  'tasks.log_entries': orNull(list(text)),
  'state_snapshots.fields': list(value => isObject(value) && text(value['path'])),
  'state_snapshots.resource_data': isObject,
  'discovery_runs.facets': list(text),
  'discovery_runs.counts': isObject,
  'discovery_runs.unseen': list(isObject),
  'discovery_runs.warnings': list(text),
  'declaration_revisions.content': isObject,
  'plans.request': isObject,
  'plans.steps': list(isObject),
  'plans.left_out': list(isObject),
  'operations.paths': list(text),
  'operations.sent': isObject,
  'operations.wanted': list(isObject),
  'operations.outcome': orNull(isObject),
  'operations.task_end': orNull(isObject),
  'operations.standings': isObject,
  'plan_events.facts': isObject,
};

/** Whether the JSON of a cell is what this column of a store can hold; true of columns that are none of ours. */
export function hasShape(table: string, column: string, value: unknown): boolean {
  return SHAPES[`${table}.${column}`]?.(value) ?? true;
}
