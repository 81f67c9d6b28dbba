import * as z from 'zod';
import { endpoint } from '../endpoint.ts';
import { pveNumber, pveString, rows } from '../schema.ts';

const task = z.looseObject({
  upid: pveString,
  id: pveString.optional(),
  user: pveString.optional(),
  tokenid: pveString.optional(),
  status: pveString.optional(),
  starttime: pveNumber.optional(),
  endtime: pveNumber.optional(),
});

/** One row of a task list; times in seconds. */
export type TaskRow = z.output<typeof task>;

/** Tasks: what was started, by whom and how it ended. */
export const tasks = {
  ofNode: endpoint('/nodes/{node}/tasks', {
    query: [
      'start',
      'limit',
      'since',
      'until',
      'source',
      'vmid',
      'errors',
      'userfilter',
      'typefilter',
      'statusfilter',
    ],
    answer: rows(task),
    facet: 'tasks',
    privilege: 'Sys.Audit on /nodes/{node} (else own tasks)',
    doc: 'Tasks of a node, 50 unless `limit` says more; `total` is left out when it is 0.',
  }),
  log: endpoint('/nodes/{node}/tasks/{upid}/log', {
    query: ['start', 'limit'],
    answer: rows(z.looseObject({ n: pveNumber, t: pveString })),
    facet: 'tasks',
    privilege: 'Sys.Audit on /nodes/{node} (else own tasks)',
    doc: 'Log lines of a task, 50 unless `limit` says more, 0 for all.',
  }),
};
