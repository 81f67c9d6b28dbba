import { UsageError } from '../../errors.ts';
import { compareSides, type Side } from '../../history/side-by-side.ts';
import type { Row } from '../../mcp/define/output.ts';
import type { ToolContext } from '../../mcp/define/tool.ts';
import type { Version } from '../../model/change.ts';
import { formatKey, isGuestType, type ResourceKey, versionKey } from '../../model/resource.ts';
import type { JsonObject } from '../../model/state.ts';
import { NEWEST_SEQ, type StoreReader } from '../../model/store.ts';
import { fitRows } from '../format/page.ts';
import { gib } from '../format/units.ts';
import { nodeSights, nodeSightsAt, versionOutOfSight } from '../in-sight.ts';
import { fieldRow } from './rows.ts';

/** How two resources differ, with hints. */
export interface TwoResources {
  differences: Row[];
  total: number;
  hints: (string | undefined)[];
}

/**
 * The differences between two resources of a kind, now or at a place in the sequence: `[{path, left, right}]`.
 * @throws UsageError where they cannot be compared, or one did not exist
 */
export async function compareTwo(
  left: ResourceKey,
  right: ResourceKey,
  seq: number | undefined,
  context: ToolContext,
): Promise<TwoResources> {
  if (formatKey(left) === formatKey(right))
    throw new UsageError(`resource and with are both ${formatKey(left)}.`, {
      hint: 'To compare it with what it was, pass from.',
    });
  if (left.type !== right.type && !(isGuestType(left.type) && isGuestType(right.type)))
    throw new UsageError(`${formatKey(left)} and ${formatKey(right)} are not of a kind.`, {
      hint: 'Compare two guests, two nodes or two storages.',
    });
  const { store, timeZone } = context;
  if (seq === undefined && isGuestType(left.type))
    await context.refreshGuests([formatKey(left), formatKey(right)]);
  const versions = await store.versionsAt(seq ?? NEWEST_SEQ, [left, right]);
  const machines = seq === undefined && left.type === 'node' ? await machinesOf(store) : new Map();
  const side = (key: ResourceKey) => sideOf(key, versions, machines.get(key.id));
  const [one, other] = [side(left), side(right)];
  const fields = compareSides(one, other);
  const rows = fields.map(field => {
    const { path, from, to } = fieldRow(field, timeZone);
    return { path, left: from, right: to };
  });
  const differences = fitRows(rows);
  const sights = seq === undefined ? await nodeSights(store) : await nodeSightsAt(store, seq);
  const unseen = versions.filter(
    version => isGuestType(version.type) && versionOutOfSight(version, sights) !== null,
  );
  const unread = [one, other].filter(
    ({ key, state }) => isGuestType(key.type) && state['config'] === undefined,
  );
  return {
    differences,
    total: fields.length,
    hints: [
      fields.length === 0
        ? 'No difference was found. Not compared: usage, and what tells one from the other.'
        : undefined,
      differences.length < rows.length
        ? `${rows.length - differences.length} more differences are left out.`
        : undefined,
      unseen.length > 0
        ? `${unseen.map(versionKey).join(' and ')} cannot be seen now: compared as last seen.`
        : undefined,
      unread.length > 0
        ? `The configuration of ${unread.map(({ key }) => formatKey(key)).join(' and ')} is not known, and was not compared.`
        : undefined,
    ],
  };
}

/** The hardware of nodes, for which there is no history. */
async function machinesOf(store: StoreReader): Promise<Map<string, JsonObject>> {
  const [nodes, details] = await Promise.all([store.nodes(), store.details('node')]);
  const reported = new Map(details.map(row => [row.subject, row.data]));
  return new Map(
    nodes.map(({ id, cpuMax, memoryMax }) => {
      const { kernel = null, cpuModel = null, cpuSockets = null } = reported.get(id) ?? {};
      return [
        id,
        { cpus: cpuMax, memory_gib: gib(memoryMax), kernel, cpu_model: cpuModel, cpu_sockets: cpuSockets },
      ];
    }),
  );
}

function sideOf(key: ResourceKey, versions: readonly Version[], more: JsonObject = {}): Side {
  const version = versions.find(one => one.type === key.type && one.resourceId === key.id);
  if (version === undefined || version.change === 'deleted')
    throw new UsageError(
      `${formatKey(key)} ${version === undefined ? 'was not known' : 'did not exist'} then.`,
      {
        hint: 'show_history tells when it was there.',
      },
    );
  return { key, name: version.name, state: { ...version.state, ...more } };
}
