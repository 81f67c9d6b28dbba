import { changeRows } from '../src/answers/changes/rows.ts';
import { fitRows } from '../src/answers/format/page.ts';
import { clusterText } from '../src/answers/format/text.ts';
import { UsageError } from '../src/errors.ts';
import { formatTime } from '../src/history/moment.ts';
import { defineResource } from '../src/mcp/define/resource.ts';
import { reasonText } from '../src/model/reason-text.ts';
import { unseenText } from '../src/model/unseen-text.ts';

const CHANGES_AT_MOST = 50;
const RUNS_OFFERED = 20;

/** Needs nothing fresh: it describes a past run, not the present. */
export const runResource = defineResource({
  uri: 'proxmox://runs/{run}',
  name: 'run',
  title: 'Discovery run',
  description: 'One discovery: when, what it covered, what it could not see, what it changed.',
  needs: [],
  read: async ({ run: number = '' }, context) => {
    const { store, timeZone } = context;
    const [run] = /^\d{1,9}$/.test(number) ? await store.runs([Number(number)]) : [];
    if (run === undefined)
      throw new UsageError(`There is no run ${clusterText(number, 40)}.`, {
        hint: 'Old runs that changed nothing are tidied away.',
      });
    const commits = await store.commitsOfRun(run.id);
    const [first, last] = [commits.at(0), commits.at(-1)];
    const versions =
      first === undefined || last === undefined
        ? []
        : await store.versions(
            { after: first.seq - 1, to: last.seq, changesOnly: true },
            { limit: CHANGES_AT_MOST },
          );
    const start = await store.firstCommit();
    const early = start !== null && last !== undefined && last.seq < start.seq;
    const facts = versions
      .filter(version => version.change !== 'discovered')
      .map(version => ({ ...version, key: { type: version.type, id: version.resourceId } }));
    return {
      run: run.id,
      status: run.status,
      started_at: formatTime(run.startedAt, timeZone),
      finished_at: run.finishedAt === null ? null : formatTime(run.finishedAt, timeZone),
      facets: run.facets,
      api_calls: run.apiCalls,
      counts: { ...run.counts },
      not_seen: run.unseen
        .slice(0, 20)
        .map(one => ({ what: unseenText(one.what), reason: clusterText(reasonText(one.reason)) })),
      warnings: run.warnings.slice(0, 10).map(warning => clusterText(warning)),
      error: run.error === null ? null : clusterText(run.error),
      changes: fitRows(await changeRows(facts, context)),
      ...(early && {
        history_starts_at: formatTime(start.at, timeZone),
        hint: 'This run is from before history starts: not all of its changes are kept.',
      }),
    };
  },
  complete: async (_variable, typed, { store }) => {
    const last = (await store.lastRun())?.id ?? 0;
    return Array.from({ length: Math.min(RUNS_OFFERED, last) }, (_, back) => String(last - back)).filter(id =>
      id.startsWith(typed),
    );
  },
});
