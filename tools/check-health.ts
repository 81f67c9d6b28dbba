import { hints } from '../src/answers/format/hints.ts';
import { DEFAULT_LIMIT, fitPage } from '../src/answers/format/page.ts';
import { quotedList } from '../src/answers/format/text.ts';
import { healthFacts } from '../src/answers/health/facts.ts';
import {
  CHECK_BEGINNINGS,
  checksFor,
  depthOf,
  findingRows,
  healthFindings,
} from '../src/answers/health/findings.ts';
import { impactFacts, impactOverview } from '../src/answers/health/impact.ts';
import { readPastFills } from '../src/answers/health/past-fills.ts';
import { silencedRows, silences } from '../src/answers/health/silenced.ts';
import { resolveResource } from '../src/answers/names/resolve.ts';
import { UsageError } from '../src/errors.ts';
import { SEVERITIES } from '../src/health/check.ts';
import { storageFilling } from '../src/health/checks/storage.ts';
import type { HealthFacts } from '../src/health/facts.ts';
import { CHECKS } from '../src/health/index.ts';
import { decodeCursor, encodeCursor } from '../src/mcp/define/cursor.ts';
import { choice, nodeText, pageArguments, readArguments, text, word } from '../src/mcp/define/input.ts';
import { objectOutput, rowsOutput } from '../src/mcp/define/output.ts';
import { defineTool, READ_ONLY } from '../src/mcp/define/tool.ts';
import { formatKey, GUEST_TYPES, type ResourceKey } from '../src/model/resource.ts';
import type { StoreReader } from '../src/model/store.ts';

/** Judges from the store, once everything is fresh; for the fullest storages it also reads their growth. */
export const checkHealth = defineTool({
  name: 'check_health',
  title: 'What is wrong',
  description:
    'What is wrong or about to be, with evidence and what to do: cluster, nodes, storages, backups, tasks, risky guests. if_down: ' +
    'what stops with that node, what starts elsewhere or why not, quorum, memory: is a reboot safe? Example: {"severity":"warning"}.',
  input: {
    resource: text('Only this: vm/101, a name, node/pve1.'),
    check: word(
      CHECKS.map(check => check.name),
      'backup-missing, or all of backup.',
      { others: CHECK_BEGINNINGS },
    ),
    severity: choice(SEVERITIES, 'At least.'),
    if_down: nodeText('A node, or all.'),
    ...pageArguments,
    ...readArguments,
  },
  output: {
    findings: rowsOutput('check, severity, resource, what, since, evidence, next.'),
    counts: objectOutput('By severity.'),
    impact: objectOutput('verdict, stops, restarts_elsewhere, cannot_start_elsewhere ...').optional(),
  },
  annotations: READ_ONLY,
  needs: ['inventory', 'config', 'tasks', 'storage', 'datacenter', 'details', 'backups'],
  example: { severity: 'warning' },
  handler: async (input, context) => {
    const { store, freshness } = context;
    const { check, severity, if_down: ifDown } = input;
    const meant = input.resource === undefined ? undefined : await resolveResource(context, input.resource);
    const depth = ifDown === undefined ? depthOf(checksFor({ check })) : 'configs';
    if (ifDown === undefined && checksFor({ check }).includes(storageFilling)) await readPastFills(context);
    const facts = await healthFacts(context, depth);
    const isEach = ifDown !== undefined && isEveryNode(ifDown, facts);
    const impact =
      ifDown === undefined ? null : isEach ? impactOverview(facts) : await impactFacts(ifDown, facts, store);
    if (ifDown !== undefined && impact === null) throw unknownNode(ifDown, facts);
    const key = meant && formatKey(meant.key);
    const silencesOf = await silences(context);
    const { findings, silenced, unjudged } = healthFindings(facts, {
      silences: silencesOf,
      check,
      severity: severity ?? (ifDown === undefined ? undefined : 'warning'),
      about:
        key !== undefined
          ? resource => resource === key
          : ifDown === undefined
            ? undefined
            : isEach
              ? resource => resource === 'cluster' || resource.startsWith('node/')
              : aboutNode(ifDown, facts),
    });
    freshness.unseen.push(...unjudged.map(({ what, reason }) => ({ what, reason, since: null })));
    const offset = input.cursor === undefined ? 0 : decodeCursor(input.cursor).offset;
    const limit = input.limit ?? DEFAULT_LIMIT;
    const rows = await findingRows(findings.slice(offset, offset + limit), facts, store, silencesOf);
    const total = findings.length;
    const page = fitPage(rows, { offset, total, limit });
    const left = silencedRows(silenced, silencesOf, facts);
    const seq = (await store.lastCommit())?.seq ?? 0;
    return {
      ...(impact !== null && { impact }),
      findings: page.rows,
      counts: Object.fromEntries(
        SEVERITIES.toReversed().map(one => [one, findings.filter(({ severity: of }) => of === one).length]),
      ),
      total,
      ...left,
      ...(page.nextOffset !== null && { next_cursor: encodeCursor({ seq, offset: page.nextOffset }, input) }),
      ...hints(
        meant?.note,
        total === 0 && nothingFound(input, isEach, await seesGuests(store)),
        total === 0 && meant !== undefined && elsewhere(meant.key),
        silencedText(left.silenced_total),
      ),
    };
  },
});

/** Whether all nodes are meant; a node may itself have such a name. */
function isEveryNode(asked: string, { nodes }: HealthFacts): boolean {
  return /^(?:all|any|each|every|\*)$/i.test(asked) && !nodes.some(({ id }) => id === asked);
}

/** Findings about a node, the guests on it, and the cluster. */
function aboutNode(node: string, { guests }: HealthFacts): (resource: string) => boolean {
  const there = new Set(guests.filter(guest => guest.node === node).map(guest => guest.key));
  return resource => resource === 'cluster' || resource === `node/${node}` || there.has(resource);
}

function unknownNode(node: string, { nodes, storages }: HealthFacts): UsageError {
  if (storages.some(({ id }) => id === node.replace(/^storage\//, '')))
    return new UsageError(`${quotedList([node])} is a storage, and if_down takes a node.`, {
      hint: `What is stored on it: get_resource {"resource":${JSON.stringify(`storage/${node.replace(/^storage\//, '')}`)}}.`,
    });
  const known = nodes.map(one => one.id).slice(0, 20);
  return new UsageError(`There is no node ${quotedList([node])}.`, {
    hint: `The nodes are ${quotedList(known)}; all compares them.`,
  });
}

async function seesGuests(store: StoreReader): Promise<boolean> {
  const lists = await Promise.all(GUEST_TYPES.map(type => store.guests(type, {}, undefined, { limit: 1 })));
  return lists.some(list => list.total > 0);
}

function silencedText(total: number | undefined): string | undefined {
  if (total === undefined) return undefined;
  return total === 1
    ? 'One more is left out: it is accepted until a certain day (silenced).'
    : `${total} more are left out: they are accepted until a certain day (silenced).`;
}

interface Asked {
  resource?: string | undefined;
  check?: string | undefined;
  severity?: string | undefined;
  if_down?: string | undefined;
}

function nothingFound(asked: Asked, isEach: boolean, seesGuests: boolean): string {
  const checks = checksFor(asked);
  const checked = checks.length === 1 ? `The check ${checks[0]!.name}` : `${checks.length} checks`;
  const severity = asked.severity ?? (asked.if_down === undefined ? 'info' : 'warning');
  const atLeast = severity === 'info' ? '' : ` of severity ${severity} or above`;
  const isAboutIt = asked.resource !== undefined || asked.if_down !== undefined;
  const about = isEach ? ' about nodes and the cluster' : isAboutIt ? ' about it' : '';
  return seesGuests
    ? `${checked} found nothing${atLeast}${about}; docs/checks.md says what each looks at.`
    : `${checked} found nothing, but no guest can be seen: there is none, or the token lacks VM.Audit.`;
}

/** The usual next question about something without findings, and the call that answers it. */
function elsewhere({ type }: ResourceKey): string | undefined {
  if (type === 'vm' || type === 'container')
    return 'if_down with its node tells whether it can run on another node, and why not.';
  return type === 'backup-job' ? 'get_resource tells when it runs next, and for which guests.' : undefined;
}
