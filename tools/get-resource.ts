import { beginningOf } from '../src/answers/changes/history-start.ts';
import { hints } from '../src/answers/format/hints.ts';
import { resolveMoment } from '../src/answers/moments.ts';
import { resolveResource } from '../src/answers/names/resolve.ts';
import { resourceFacts } from '../src/answers/resource/facts.ts';
import { PARTS } from '../src/answers/resource/parts.ts';
import { formatTime } from '../src/history/moment.ts';
import { parseResourceName } from '../src/history/resource-name.ts';
import { readArguments, requiredText, several, text } from '../src/mcp/define/input.ts';
import { objectOutput } from '../src/mcp/define/output.ts';
import { defineTool, READ_ONLY } from '../src/mcp/define/tool.ts';
import type { Facet } from '../src/model/facet.ts';

/** Tasks and changes shown of everything at once, and where just they were asked for. */
const ROWS_BESIDE = 5;
const ROWS_ALONE = 20;

/** The config facet is not among its needs: the one guest that is named has its configuration refreshed by itself. */
export const getResource = defineTool({
  name: 'get_resource',
  title: 'One resource',
  description:
    'Everything about one VM, container, node, storage or the cluster: state, usage, configuration with what waits for a restart beside it, ' +
    'snapshots, addresses, backups, latest tasks and changes. With at as it was then; deleted ones show their last state. ' +
    'Example: {"resource":"vm/101","include":["config","history"]}.',
  input: {
    resource: requiredText('vm/101, 101, ct/200, a name, node/pve1, storage/local or cluster.'),
    include: several(PARTS, 'Only these parts. Default all.'),
    at: text('As it was then: 7d, "yesterday 18:00", a date, run:41.'),
    ...readArguments,
  },
  output: {
    resource: objectOutput(
      'resource, at, history_starts_at, tasks, history. Guest: as in list_vms, started_at, usage, addresses, ha_resource, replication, ' +
        'backups {count, last_backup_at, size_gib, on, as_of, former, unjudged}, backup_jobs, stands_on, clone_of, linked_clones, ha_rules, config, pending [{path, running, after_restart}], ' +
        'snapshots, config_as_of; deleted_at. Node: as in list_nodes, kernel, cpu_model, cpu_sockets, load, root_gib, root_used_gib, swap_gib, ' +
        'swap_used_gib, details_as_of, if_down, guest_names. Storage: type, shared, enabled, content, only_nodes, options, views as in list_storage, ' +
        'backups, used_by, backup_jobs. Cluster: quorate, votes, expected_votes, versions, quorum_as_of.',
    ),
  },
  annotations: READ_ONLY,
  needs: input => needsOf(input.resource),
  example: { resource: 'vm/101' },
  handler: async (input, context) => {
    const { timeZone } = context;
    const { key, note } = await resolveResource(context, input.resource);
    const include = input.include?.length ? new Set<string>(input.include) : null;
    const moment = input.at === undefined ? null : await resolveMoment(input.at, 'end', context);
    const few = include !== null && include.size <= 2;
    const rows = few || input.detail === 'full' ? ROWS_ALONE : ROWS_BESIDE;
    const facts = await resourceFacts(
      key,
      { has: part => include === null || include.has(part), rows, moment },
      context,
    );
    return {
      resource: {
        ...facts,
        ...(moment && { at: formatTime(moment.at, timeZone) }),
        ...(await beginningOf(context.store, moment, timeZone)),
      },
      ...hints(
        note,
        moment?.beforeHistory &&
          'History starts later (history_starts_at). What is shown was kept from before, and did not change until then.',
      ),
    };
  },
});

/** What must be young depends on the type where the caller named it; a single guest's configuration is read by itself. */
function needsOf(resource: string): readonly Facet[] {
  const { types, vmid } = parseResourceName(resource);
  if (vmid !== null || types.every(type => type === 'vm' || type === 'container'))
    return ['inventory', 'tasks'];
  if (types.length === 1 && types[0] === 'storage') return ['inventory', 'storage'];
  return types.length === 1
    ? ['inventory', 'details', 'tasks']
    : ['inventory', 'details', 'tasks', 'storage'];
}
