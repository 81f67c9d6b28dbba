import { choice, flag, listArguments, text } from '../../src/mcp/define-input.ts';
import type { Row } from '../../src/mcp/define-output.ts';
import type { ToolContext } from '../../src/mcp/define-tool.ts';
import type { Version } from '../../src/model/change.ts';
import type { GuestType } from '../../src/model/resource.ts';
import type { GuestState } from '../../src/model/state.ts';
import type { GuestFilter } from '../../src/model/store.ts';
import { formatTime } from '../../src/state/moment.ts';
import { formerGuestRow, guestRow } from './guest-rows.ts';
import { resolveMoment } from './moments.ts';
import { DEFAULT_LIMIT, decodeCursor, encodeCursor, fitPage } from './page.ts';

const SORTS = ['vmid', 'name', 'node', 'status', 'cpus', 'memory', 'disk', 'uptime'] as const;
const COLUMNS: Record<(typeof SORTS)[number], string> = {
  vmid: 'id',
  name: 'name',
  node: 'nodeId',
  status: 'status',
  cpus: 'cpuCores',
  memory: 'memoryBytes',
  disk: 'diskSize',
  uptime: 'uptime',
};

/** Arguments of list_vms and list_containers. */
export const guestListArguments = {
  node: text('Only on this node.'),
  status: choice(
    ['running', 'stopped', 'paused', 'suspended', 'unknown'],
    'unknown: its node is not online.',
  ),
  name: text('Part of the name, or a pattern with *.'),
  tag: text('Only with this tag.'),
  pool: text('Only in this pool.'),
  template: flag('true: only templates; false: none.'),
  at: text('Show the list as it was: a time, 7d, "yesterday 18:00", run:41.'),
  ...listArguments(SORTS),
};

export interface GuestListInput {
  node?: string | undefined;
  status?: string | undefined;
  name?: string | undefined;
  tag?: string | undefined;
  pool?: string | undefined;
  template?: boolean | undefined;
  at?: string | undefined;
  sort?: (typeof SORTS)[number] | undefined;
  order?: 'asc' | 'desc' | undefined;
  limit?: number | undefined;
  cursor?: string | undefined;
  detail?: 'concise' | 'full' | undefined;
}

/** One page of guests, now or as they were. Later pages show the same moment as the first. */
export async function listGuests(
  type: GuestType,
  input: GuestListInput,
  context: ToolContext,
): Promise<{ rows: Row[]; total: number; next_cursor?: string; at?: string; hint?: string }> {
  const { store } = context;
  const newest = (await store.lastCommit())?.seq ?? 0;
  const cursor = input.cursor === undefined ? null : decodeCursor(input.cursor);
  const moment = input.at === undefined ? null : await resolveMoment(input.at, 'end', context);
  const seq = cursor?.seq ?? moment?.seq ?? newest;
  const offset = cursor?.offset ?? 0;
  const limit = input.limit ?? DEFAULT_LIMIT;
  const former = moment !== null || (seq < newest && (await store.countVersions({ after: seq, type })) > 0);
  const page = former
    ? await formerRows(type, input, seq, context)
    : await currentRows(type, input, { limit, offset }, context);
  const fitted = fitPage(former ? page.rows.slice(offset) : page.rows, { offset, total: page.total, limit });
  return {
    rows: fitted.rows,
    total: page.total,
    ...(fitted.nextOffset !== null && { next_cursor: encodeCursor({ seq, offset: fitted.nextOffset }) }),
    ...(moment && { at: formatTime(moment.at, context.timeZone) }),
    ...(moment?.beforeHistory && {
      hint: 'That moment lies before history starts: nothing was recorded yet.',
    }),
  };
}

async function currentRows(
  type: GuestType,
  input: GuestListInput,
  page: { limit: number; offset: number },
  { store }: ToolContext,
) {
  const nodes = await store.nodes();
  const offline = nodes.filter(node => node.status !== 'online').map(node => node.id);
  const { node, name, tag, pool, template } = input;
  const filter: GuestFilter = { node, name, tag, pool, template };
  if (input.status === 'unknown') filter.onNodes = offline;
  else if (input.status !== undefined) Object.assign(filter, { status: input.status, notOnNodes: offline });
  const sort = { by: COLUMNS[input.sort ?? 'vmid'], order: input.order ?? 'asc' };
  const { rows, total } = await store.guests(type, filter, sort, page);
  const lost = new Set(offline);
  return { rows: rows.map(guest => guestRow(guest, lost, input.detail === 'full')), total };
}

async function formerRows(type: GuestType, input: GuestListInput, seq: number, { store }: ToolContext) {
  const nodes = await store.everythingAt(seq, 'node');
  const offline = new Set(
    nodes.filter(node => node.state['status'] !== 'online').map(node => node.resourceId),
  );
  const versions = (await store.everythingAt(seq, type)).filter(version => matches(version, input, offline));
  const rows = versions.map(version => {
    const row = formerGuestRow(version);
    return offline.has(version.node ?? '') ? { ...row, status: 'unknown', last_status: row['status'] } : row;
  });
  const by = input.sort ?? 'vmid';
  const key =
    by === 'memory'
      ? 'memory_gib'
      : by === 'cpus' || by === 'name' || by === 'node' || by === 'status'
        ? by
        : 'vmid';
  const direction = input.order === 'desc' ? -1 : 1;
  rows.sort((a, b) => compare(a[key], b[key]) * direction || Number(a['vmid']) - Number(b['vmid']));
  return { rows: rows, total: rows.length };
}

function compare(a: unknown, b: unknown): number {
  if (a === b) return 0;
  if (a === null || a === undefined) return 1;
  if (b === null || b === undefined) return -1;
  return a < b ? -1 : 1;
}

function matches(version: Version, input: GuestListInput, offline: ReadonlySet<string>): boolean {
  const state = version.state as unknown as GuestState;
  const status = offline.has(state.node) ? 'unknown' : (state.status ?? 'unknown');
  return (
    (input.node === undefined || state.node === input.node) &&
    (input.status === undefined || status === input.status) &&
    (input.name === undefined || namePattern(input.name).test(version.name ?? '')) &&
    (input.tag === undefined || state.tags.includes(input.tag)) &&
    (input.pool === undefined || state.pool === input.pool) &&
    (input.template === undefined || state.template === input.template)
  );
}

/** A substring, or a whole-name pattern where it holds `*`; case ignored. */
export function namePattern(name: string): RegExp {
  const escaped = name.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
  return new RegExp(name.includes('*') ? `^${escaped}$` : escaped, 'i');
}
