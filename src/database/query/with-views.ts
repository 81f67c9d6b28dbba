import type { CheckedQuery, ViewName } from '../../model/query.ts';
import { withNullOrder } from './null-order.ts';
import type { ViewDialect } from './view-dialect.ts';
import { backupJobsView, backupsView, givenView } from './views/cluster.ts';
import {
  addressesView,
  configView,
  disksView,
  nicsView,
  pendingView,
  snapshotsView,
} from './views/config.ts';
import { guestsView, tagsView } from './views/guests.ts';
import { changeFieldsView, changesView, tasksView } from './views/history.ts';
import { writeTokens } from './write-tokens.ts';

const VIEW_SQL: { [view in ViewName]: (d: ViewDialect, query: CheckedQuery) => string } = {
  guests: guestsView,
  guest_tags: tagsView,
  config: configView,
  pending: pendingView,
  disks: disksView,
  nics: nicsView,
  addresses: addressesView,
  snapshots: snapshotsView,
  nodes: d => givenView('nodes', d),
  storage: d => givenView('storage', d),
  backups: backupsView,
  backup_jobs: backupJobsView,
  tasks: tasksView,
  changes: (d, { readsAuthors }) => changesView(d, readsAuthors),
  change_fields: changeFieldsView,
};

/**
 * The statement for an engine, preceded by the definitions of the views that it reads. No view has to be stored, and one that the
 * statement does not name does not exist in it.
 */
export function withViews(query: CheckedQuery, d: ViewDialect, now: number): string {
  const tokens = d.provider === 'postgresql' ? withNullOrder(query.tokens) : query.tokens;
  const [first, ...rest] = tokens;
  const views = [...query.views].map(view => `"${view}" AS NOT MATERIALIZED (${VIEW_SQL[view](d, query)})`);
  const own = first?.kind === 'keyword' && first.text === 'with';
  const body = writeTokens(own ? rest : tokens, d.provider, now);
  return `${views.length > 0 ? `WITH ${views.join(',\n')}${own ? ',' : ''}` : own ? 'WITH' : ''}\n${body}`;
}
