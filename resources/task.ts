import { defineResource } from '../src/mcp/define/resource.ts';
import { getTask } from '../tools/get-task.ts';

const RECENT = 100;

/** The same facts as get_task. Worth a subscription: it tells when the task ends. */
export const taskResource = defineResource({
  uri: 'proxmox://tasks/{upid}',
  name: 'task',
  title: 'Task',
  description: 'One task: who started it, how it ended, what it changed, and the end of its log.',
  needs: ['tasks'],
  read: ({ upid = '' }, context) => getTask.handler({ upid }, context),
  complete: async (_variable, typed, { store }) => {
    const newest = { by: 'startTime', order: 'desc' } as const;
    const { rows } = await store.tasks({}, newest, { limit: RECENT });
    return rows.map(task => task.upid).filter(upid => upid.startsWith(typed));
  },
  changedBy: (keys, { upid }) => keys.includes(`task/${upid}`),
});
