import type { ViewName } from '../../model/query.ts';
import { integer, type SqlView, text, time } from '../view.ts';

/** What happened. */
export const historyViews: Pick<Record<ViewName, SqlView>, 'tasks' | 'changes' | 'change_fields'> = {
  tasks: {
    about: 'A row for each task.',
    facets: ['tasks'],
    columns: {
      upid: text('UPID.'),
      node: text('The node it ran on.'),
      type: text('qmstart, vzdump ...'),
      resource: text('What it was done to: vm/101; NULL where that is the node.'),
      user: text('Who started it; a token follows an exclamation mark.'),
      status: text(
        'OK, WARNINGS: 2, running, or the error in the words of Proxmox; unknown if it cannot be seen whether it still runs.',
      ),
      result: text('ok, warning, error, running or unknown.'),
      started_at: time('Start.'),
      ended_at: time('End.'),
    },
  },
  changes: {
    about:
      'A row for each recorded change of a resource, in the order of seq; what existed at first sight is discovered.',
    beside: {
      unless: ['change'],
      caution: "changes includes what existed at first sight: where change <> 'discovered' leaves it out.",
    },
    facets: ['inventory', 'config', 'tasks', 'storage', 'datacenter'],
    columns: {
      seq: integer(
        'Order of history. One seq may change several resources: join change_fields by seq and resource.',
      ),
      at: time('When it was recorded.'),
      resource: text(
        'vm/101, container/200, node/pve1, storage/local, backup-job/ID, pool/prod, ha/vm:101 or cluster; may be gone now.',
      ),
      name: text('Its name then.'),
      change: text('created, updated, deleted or discovered.'),
      after_at: time('It happened after this; NULL at first sight.'),
      before_at: time('It happened no later than this.'),
      user: text(
        'Who did it, where tasks or the log of the cluster explain every field of it; several with commas. NULL where that is not recorded or just in part: show_history tells why.',
      ),
    },
  },
  change_fields: {
    about: 'A row for each field of a change.',
    facets: ['inventory', 'config', 'tasks', 'storage', 'datacenter'],
    columns: {
      seq: integer('As in changes.'),
      resource: text('As in changes.'),
      path: text('status, node, config.memory, config.net0.tag, snapshots.name ...'),
      from_value: text('Before; NULL where it was absent. Objects and lists are JSON.'),
      to_value: text('After; NULL where it is absent.'),
    },
  },
};
