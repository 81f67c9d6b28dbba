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
import { isSettingType } from '../src/model/resource.ts';

/** Tasks and changes shown together with everything else, and when only they were requested. */
const ROWS_BESIDE = 5;
const ROWS_ALONE = 20;

/** `config` is not among the facets it needs: only the configuration of the guest in question is refreshed. */
export const getResource = defineTool({
  name: 'get_resource',
  title: 'One resource',
  description:
    'Everything about one resource: state, usage, configuration and what waits for a restart, ' +
    'snapshots, addresses, backups, latest tasks and changes. With at as it was then; deleted ones show their last state. ' +
    'Example: {"resource":"vm/101","include":["config","history"]}.',
  input: {
    resource: requiredText(
      'vm/101, 101, a name, node/pve1, storage/local, pool/prod, ha/vm:101, backup-job/ID, cluster.',
    ),
    include: several(PARTS, 'Only these; usage has backups.'),
    at: text('As it was then: 7d, a date, run:41.'),
    ...readArguments,
  },
  output: {
    resource: objectOutput(
      'resource, at, tasks, history. Guest: as in list_guests, usage, addresses, backups, ' +
        'backup_jobs, replication, stands_on, clone_of, linked_clones, ha_rules, config, pending [{path, running, after_restart}], snapshots, ' +
        'deleted_at. Node: as in list_nodes, load, if_down, guest_names. Storage: as in list_storage, views, ' +
        'used_by, backups. Cluster: quorate, votes, versions.',
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

/** The facets to refresh depend on the type, if the caller named one; a single guest's configuration is read separately. */
function needsOf(resource: string): readonly Facet[] {
  const { types, vmid } = parseResourceName(resource);
  if (vmid !== null || types.every(type => type === 'vm' || type === 'container'))
    return ['inventory', 'tasks'];
  const [type, ...others] = types;
  if (type === undefined || others.length > 0)
    return ['inventory', 'datacenter', 'details', 'tasks', 'storage'];
  if (type === 'storage') return ['inventory', 'storage', 'datacenter'];
  if (isSettingType(type)) return ['inventory', 'datacenter', 'storage'];
  return type === 'cluster'
    ? ['inventory', 'datacenter', 'details']
    : ['inventory', 'datacenter', 'details', 'tasks'];
}
