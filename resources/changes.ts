import { firstSightEnd, historyStart } from '../src/answers/changes/history-start.ts';
import { changeRows } from '../src/answers/changes/rows.ts';
import { fitRows } from '../src/answers/format/page.ts';
import { formatTime } from '../src/history/moment.ts';
import { defineResource } from '../src/mcp/define/resource.ts';

const CHANGES_AT_MOST = 50;

/** Worth a subscription: it changes with every commit that records something. Leaves out what the first discovery found. */
export const latestChangesResource = defineResource({
  uri: 'proxmox://changes/latest',
  name: 'latest changes',
  title: 'Latest changes',
  description: 'The newest recorded changes of the whole cluster, newest first, with who made them.',
  needs: ['inventory', 'config', 'tasks', 'storage', 'datacenter'],
  read: async (_variables, context) => {
    const { store, timeZone } = context;
    const first = await historyStart(store);
    const filter = { after: await firstSightEnd(store, first), changesOnly: true };
    const [versions, total] = await Promise.all([
      store.versions(filter, { limit: CHANGES_AT_MOST }),
      store.countVersions(filter),
    ]);
    const facts = versions.map(version => ({
      ...version,
      key: { type: version.type, id: version.resourceId },
    }));
    const rows = fitRows(await changeRows(facts, context));
    return {
      changes: rows,
      total,
      history_starts_at: first === null ? null : formatTime(first.at, timeZone),
      ...(rows.length < total && { hint: 'Older changes: show_history.' }),
    };
  },
  changedBy: keys => keys.some(key => !key.startsWith('task/')),
});
