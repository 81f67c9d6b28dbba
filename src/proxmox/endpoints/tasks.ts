import * as z from 'zod';
import { endpoint } from '../endpoint.ts';
import { pveCount, pveMoment, pveProse, pveString, pveUpid, rows } from '../schema.ts';

const task = z.looseObject({
  upid: pveUpid,
  id: pveString.optional(),
  user: pveString.optional(),
  tokenid: pveString.optional(),
  status: pveProse.optional(),
  starttime: pveMoment.optional(),
  endtime: pveMoment.optional(),
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
    maxMiB: 16,
    answer: rows(task),
    facet: 'tasks',
    privilege: 'Sys.Audit on /nodes/{node} (else own tasks)',
    doc: 'Tasks of a node, 50 unless `limit` says more; `total` is left out when it is 0.',
  }),
  log: endpoint('/nodes/{node}/tasks/{upid}/log', {
    query: ['start', 'limit'],
    maxMiB: 32,
    answer: rows(z.looseObject({ n: pveCount, t: pveProse })),
    facet: 'tasks',
    privilege: 'Sys.Audit on /nodes/{node} (else own tasks)',
    doc: 'Log lines of a task, 50 unless `limit` says more, 0 for all.',
  }),
};
