import { ApiError } from '../api-error.ts';
import { isTemplate } from '../guest-facts.ts';
import type { ApiRequest, ParameterRule, Route } from '../route.ts';
import type { Guest, GuestType } from '../types.ts';
import { causeOf, root, runGuestTask, setRunning, setStoppedByTask } from '../world/act.ts';
import { powerMutations } from '../world/power.ts';
import { guestOrProblem, lockedText, ordered, runApiTask } from '../writes/run-task.ts';

const flag: ParameterRule = { type: 'boolean' };
const timeout: ParameterRule = { type: 'integer', minimum: 0 };
/** How long a shutdown waits for the guest by default, in seconds. */
const shutdownSeconds = 60;

const actions: Record<string, Record<string, ParameterRule>> = {
  start: { skiplock: flag, timeout },
  stop: { skiplock: flag, timeout, keepActive: flag, 'overrule-shutdown': flag },
  shutdown: { skiplock: flag, timeout, forceStop: flag, keepActive: flag },
  reboot: { timeout },
  reset: { skiplock: flag },
  suspend: { skiplock: flag, todisk: flag },
  resume: { skiplock: flag, nocheck: flag },
};

/** Starting and stopping guests. */
export const powerRoutes: Route[] = (['qemu', 'lxc'] as const).flatMap(type =>
  Object.entries(actions)
    .filter(([action]) => type === 'qemu' || /^(start|stop|shutdown|reboot)$/.test(action))
    .map(
      ([action, rules]): Route => ({
        method: 'POST',
        path: `/nodes/{node}/${type}/{vmid}/status/${action}`,
        forwarded: true,
        check: { on: '/vms/{vmid}', privileges: ['VM.PowerMgmt'] },
        parameters: { rules },
        answer: request => power(request, type, action),
      }),
    ),
);

function power(request: ApiRequest, type: GuestType, action: string): string {
  const guest = guestOrProblem(request, type);
  if (typeof guest === 'string') {
    if (type === 'lxc' || !/^(start|stop|shutdown)$/.test(action)) throw new ApiError(500, guest);
    return runApiTask(request, { type: taskType(type, action), refuse: () => guest, act: () => {} });
  }
  refuseAtOnce(guest, action);
  const { state } = request;
  if (state.ha.has(guest.vmid) && (action === 'start' || action === 'stop')) {
    const { durationMs, user } = ordered(request, `ha${action}`);
    const by = { user: user!, ...(durationMs === undefined ? {} : { delayMs: durationMs }) };
    const world = powerMutations(state);
    return action === 'start' ? world.haStart(guest.vmid, by) : world.haStop(guest.vmid, by);
  }
  const heedless = guest.ignoresShutdown && /^(shutdown|reboot)$/.test(action) && guest.status === 'running';
  const seconds = Number(request.body.timeout ?? shutdownSeconds);
  return runApiTask(request, {
    type: taskType(type, action, request.body.todisk === '1'),
    durationMs: heedless ? seconds * 1000 : 0,
    refuse: () => problemOf(guest, action),
    act: task =>
      state.changeGuest(guest, causeOf(task), () => {
        if (heedless && request.body.forceStop !== '1') {
          const text = type === 'qemu' ? 'VM quit/powerdown failed - got timeout' : 'container did not stop';
          throw new ApiError(500, text);
        }
        effect(request, guest, action);
      }),
  });
}

function taskType(type: GuestType, action: string, toDisk = false): string {
  if (type === 'lxc') return `vz${action}`;
  return action === 'suspend' && !toDisk ? 'qmpause' : `qm${action}`;
}

/** Refusals without a task. */
function refuseAtOnce(guest: Guest, action: string): void {
  const running = guest.status === 'running';
  if (guest.type === 'qemu') {
    if (!running && /^(reboot|reset|suspend)$/.test(action))
      throw new ApiError(500, `VM ${guest.vmid} not running`);
    if (!running && action === 'resume' && guest.lock !== 'suspended')
      throw new ApiError(500, `VM ${guest.vmid} not running`);
    return;
  }
  if (action === 'start' && running) throw new ApiError(500, `CT ${guest.vmid} already running`);
  if (action !== 'start' && !running)
    throw new ApiError(500, `${action === 'reboot' ? 'VM' : 'CT'} ${guest.vmid} not running`);
}

/** The errors a task ends with. */
function problemOf(guest: Guest, action: string): string | undefined {
  const running = guest.status === 'running';
  const wakes = guest.lock === 'suspended' && action === 'start';
  const idle = !running && /^(stop|shutdown)$/.test(action);
  const locked = wakes || idle || action === 'resume' ? undefined : lockedText(guest);
  if (locked !== undefined) return locked;
  if (action !== 'start') return undefined;
  if (isTemplate(guest)) return `you can't start a ${guest.type === 'qemu' ? 'vm' : 'CT'} if it's a template`;
  return running ? `${guest.type === 'qemu' ? 'VM' : 'CT'} ${guest.vmid} already running` : undefined;
}

function effect(request: ApiRequest, guest: Guest, action: string): void {
  const { state } = request;
  switch (action) {
    case 'start':
      setRunning(state, guest);
      break;
    case 'stop':
    case 'shutdown':
      if (guest.status === 'running') setStoppedByTask(guest);
      break;
    case 'reboot':
      if (guest.type === 'qemu') {
        setStoppedByTask(guest);
        startAgain(request, guest);
      } else setRunning(state, guest);
      break;
    case 'suspend':
      if (request.body.todisk === '1') {
        setStoppedByTask(guest);
        guest.lock = 'suspended';
      } else guest.paused = true;
      break;
    case 'resume':
      delete guest.paused;
  }
}

/** The node starts a VM that was to reboot, seconds after it went down and in the node's own name. */
function startAgain({ state }: ApiRequest, guest: Guest): void {
  const order = state.tasks.takeOrder('qmstart');
  state.clock.schedule(state.clock.now() + (order?.durationMs ?? 0), () => {
    const how = order?.fail === undefined ? {} : { fail: order.fail };
    runGuestTask(state, guest, { action: 'start' }, { user: root, ...how }, (_, cause) =>
      state.changeGuest(guest, cause, () => setRunning(state, guest)),
    );
  });
}
