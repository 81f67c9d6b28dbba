import { DEFAULT_LIMIT, fitPage, narrowHint } from '../src/answers/format/page.ts';
import { limitsOfSight } from '../src/answers/limits-of-sight.ts';
import { parseQuery, type Query } from '../src/answers/search/query.ts';
import { findRows } from '../src/answers/search/rows.ts';
import { searchedText } from '../src/answers/search/searched.ts';
import { parseResourceName } from '../src/history/resource-name.ts';
import { decodeCursor, encodeCursor } from '../src/mcp/define/cursor.ts';
import { choice, pageArguments, readArguments, requiredText } from '../src/mcp/define/input.ts';
import { rowsOutput } from '../src/mcp/define/output.ts';
import { defineTool, READ_ONLY, type ToolContext } from '../src/mcp/define/tool.ts';
import { RESOURCE_TYPES, type ResourceType } from '../src/model/resource.ts';

/** Searches every guest and the text of every configuration; addresses are refreshed only if the query is one. */
export const findResources = defineTool({
  name: 'find_resources',
  title: 'Find resources',
  description:
    'Finds VMs, containers, nodes, storages, pools and backup jobs by name, vmid, IP or MAC address, tag, note, pool, VLAN, snapshot, or any key or value of a ' +
    'configuration (vmbr1, vm-101-disk-0, onboot=1): says which field matched. ' +
    'Example: {"query":"10.0.3.17"}.',
  input: {
    query: requiredText('What to find; * for anything in names.'),
    type: choice(RESOURCE_TYPES, 'Just this.'),
    ...pageArguments,
    ...readArguments,
  },
  output: {
    matches: rowsOutput('resource, name, node, status, field, value, also, source, as_of, unconfirmed.'),
  },
  annotations: READ_ONLY,
  needs: ({ query }) => [
    'inventory',
    'config',
    'storage',
    'datacenter',
    ...(parseQuery(query).isAddress ? (['addresses'] as const) : []),
  ],
  example: { query: 'bc:24:11' },
  handler: async (input, context) => {
    const { store } = context;
    const cursor = input.cursor === undefined ? null : decodeCursor(input.cursor);
    const offset = cursor?.offset ?? 0;
    const limit = input.limit ?? DEFAULT_LIMIT;
    const { query, type } = whatIsMeant(input);
    const rows = await findRows(parseQuery(query), type, context);
    const page = fitPage(rows.slice(offset), { offset, total: rows.length, limit });
    const seq = (await store.lastCommit())?.seq ?? 0;
    const hint =
      rows.length > 0
        ? narrowHint(rows.length, page.rows.length, 'a longer query or type')
        : await emptyHint(input.query, context, await limitsOfSight(context, context.now));
    return {
      matches: page.rows,
      total: rows.length,
      ...(page.nextOffset !== null && { next_cursor: encodeCursor({ seq, offset: page.nextOffset }, input) }),
      ...(hint && { hint }),
    };
  },
});

/** Answers name resources as `vm/101`: a type and a name. `node exporter` is plain text. */
function whatIsMeant(input: { query: string; type?: ResourceType | undefined }) {
  const { types, text, vmid } = parseResourceName(input.query);
  const [type, ...others] = types;
  const named = others.length === 0 && (vmid !== null || /^[a-z]+[/:]/i.test(input.query.trim()));
  return named ? { query: text, type: input.type ?? type } : input;
}

/** What was searched in vain. "Nothing" is certain only if everything could be seen. */
async function emptyHint(text: string, context: ToolContext, limits: string | null): Promise<string> {
  const query = parseQuery(text);
  const { searched, not } = await searchedText(context, { addresses: query.isAddress });
  const missed = not === '' ? '' : ` Not searched: ${not}.`;
  const seen = limits === null ? '' : ` This is based on what was seen, ${limits}`;
  return `${nothingText(query)} Searched: ${searched}.${missed}${seen}`;
}

function nothingText({ snapshot, vlan }: Query): string {
  if (snapshot !== null) return 'No guest has such a snapshot.';
  if (vlan !== null)
    return 'No network card has that VLAN tag. A VLAN of a bridge (vmbr0.30) or an SDN VNet is not searched: search for its name.';
  return 'Nothing matches. Deleted guests are not searched, but show_history and get_resource take their names, and former ones.';
}
