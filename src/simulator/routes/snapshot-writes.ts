import { ApiError } from '../api-error.ts';
import { isTemplate } from '../guest-facts.ts';
import type { ApiRequest, Route } from '../route.ts';
import type { GuestType } from '../types.ts';
import { snapshotMutations } from '../world/snapshots.ts';
import { guestOrProblem, lockedText, ordered, runApiTask } from '../writes/run-task.ts';

const snapname = {
  required: true,
  pattern: /^[a-zA-Z][\w-]{1,39}$/,
  complaint: (value: string) => `invalid format - invalid configuration ID '${value}'\n`,
} as const;
const taking = { snapname, description: { maxLength: 8192 }, vmstate: { type: 'boolean' } } as const;

/** Taking, deleting and rolling back to snapshots: always by a task, in which nearly all refusals occur. */
export const snapshotWriteRoutes: Route[] = (['qemu', 'lxc'] as const).flatMap((type): Route[] => {
  const base = `/nodes/{node}/${type}/{vmid}/snapshot`;
  const prefix = type === 'qemu' ? 'qm' : 'vz';
  return [
    {
      method: 'POST',
      path: base,
      forwarded: true,
      check: { on: '/vms/{vmid}', privileges: ['VM.Snapshot'] },
      parameters: { rules: type === 'qemu' ? taking : { snapname, description: taking.description } },
      answer: request => {
        const { snapname: name = '', description = '', vmstate } = request.body;
        if (/^(current|pending)$/.test(name))
          throw new ApiError(500, `unable to use snapshot name '${name}' (reserved name)`);
        return unlessRefused(request, type, `${prefix}snapshot`, (vmid, options) =>
          snapshotMutations(request.state).snapshot(vmid, name, {
            ...options,
            description,
            vmstate: vmstate === '1' && request.state.guest(vmid).status === 'running',
          }),
        );
      },
    },
    {
      method: 'DELETE',
      path: `${base}/{snapname}`,
      forwarded: true,
      check: { on: '/vms/{vmid}', privileges: ['VM.Snapshot'] },
      parameters: { rules: { force: { type: 'boolean' } } },
      answer: request =>
        unlessRefused(request, type, `${prefix}delsnapshot`, (vmid, options) =>
          snapshotMutations(request.state).deleteSnapshot(vmid, request.path.snapname!, options),
        ),
    },
    {
      method: 'POST',
      path: `${base}/{snapname}/rollback`,
      forwarded: true,
      check: { on: '/vms/{vmid}', privileges: ['VM.Snapshot', 'VM.Snapshot.Rollback'] },
      parameters: { rules: { start: { type: 'boolean' } } },
      answer: request =>
        unlessRefused(request, type, `${prefix}rollback`, (vmid, options) =>
          snapshotMutations(request.state).rollback(vmid, request.path.snapname!, options),
        ),
    },
  ];
});

/** Runs the task, or one that fails for the given reason. */
function unlessRefused(
  request: ApiRequest,
  type: GuestType,
  task: string,
  run: (vmid: number, options: ReturnType<typeof ordered>) => string,
): string {
  const guest = guestOrProblem(request, type);
  const problem =
    typeof guest === 'string'
      ? guest
      : (lockedText(guest) ??
        (isTemplate(guest) && task.endsWith('msnapshot') ? 'snapshot feature is not available' : undefined));
  if (problem !== undefined || typeof guest === 'string')
    return runApiTask(request, { type: task, refuse: () => problem, act: () => {} });
  return run(guest.vmid, ordered(request, task));
}
