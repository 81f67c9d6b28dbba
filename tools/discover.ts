import * as z from 'zod';
import { changeRows } from '../src/answers/changes/rows.ts';
import { fitPage } from '../src/answers/format/page.ts';
import { clusterText } from '../src/answers/format/text.ts';
import { formatTime, placeToken } from '../src/history/moment.ts';
import { placeAt } from '../src/history/store-life.ts';
import { flag } from '../src/mcp/define/input.ts';
import { objectOutput, rowsOutput } from '../src/mcp/define/output.ts';
import { defineTool } from '../src/mcp/define/tool.ts';
import { reasonText } from '../src/model/reason-text.ts';
import { unseenText } from '../src/model/unseen-text.ts';

/** Changes shown per discovery; diff_state has all of them. */
const CHANGES_SHOWN = 20;

/** Not marked read-only, since writing to the store is its purpose; it writes nothing to Proxmox. */
export const discover = defineTool({
  name: 'discover',
  title: 'Discover now',
  description:
    'Reads the whole cluster now and records what changed. Rarely needed: every other tool refreshes what it needs. ' +
    'Example: {"deep":true}.',
  input: { deep: flag('Every guest configuration, however young: slow.') },
  output: {
    run: objectOutput('id, started_at, finished_at, duration_ms, api_calls.'),
    counts: objectOutput('discovered, created, updated, deleted, unchanged.'),
    changes: rowsOutput('As in diff_state, the first ones.'),
    warnings: z.array(z.string()).optional(),
  },
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  needs: [],
  example: {},
  handler: async ({ deep }, context) => {
    const { store, timeZone } = context;
    const run = await context.discover({ deep: deep ?? false });
    const commits = await store.commitsOfRun(run.id);
    const first = commits.at(0)?.seq ?? 0;
    const last = commits.at(-1)?.seq ?? 0;
    const changed = run.counts.created + run.counts.updated + run.counts.deleted;
    const versions =
      changed === 0
        ? []
        : await store.versions({ after: first - 1, to: last, changesOnly: true }, { limit: 200 });
    const shown = versions.filter(version => version.change !== 'discovered').slice(0, CHANGES_SHOWN);
    const rows = await changeRows(
      shown.map(version => ({ ...version, key: { type: version.type, id: version.resourceId } })),
      context,
    );
    const fitted = fitPage(rows, { offset: 0, total: rows.length, limit: CHANGES_SHOWN }).rows;
    return {
      run: {
        id: run.id,
        started_at: formatTime(run.startedAt, timeZone),
        finished_at: formatTime(run.finishedAt ?? context.now, timeZone),
        duration_ms: (run.finishedAt ?? run.startedAt) - run.startedAt,
        api_calls: run.apiCalls,
      },
      counts: { ...run.counts },
      changes: fitted,
      as_of: formatTime(run.startedAt, timeZone),
      source: 'live',
      ...(run.warnings.length > 0 && {
        warnings: run.warnings.slice(0, 10).map(warning => clusterText(warning)),
      }),
      ...(run.unseen.length > 0 && {
        unseen: run.unseen.slice(0, 20).map(one => ({
          what: unseenText(one.what),
          ...(one.since !== null && { since: formatTime(one.since, timeZone) }),
          reason: clusterText(reasonText(one.reason)),
        })),
      }),
      ...(changed > fitted.length && {
        hint: `${changed} changes in all: diff_state {"from":"${placeToken(await placeAt(context.store, Math.max(0, first - 1)))}"} lists them.`,
      }),
    };
  },
});
