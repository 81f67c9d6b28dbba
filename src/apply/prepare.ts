import { normaliseTags } from '../history/normalise.ts';
import type { ApplyRefusal } from '../model/applying.ts';
import type { GuestEntity } from '../model/entity.ts';
import type { PlanEntity } from '../model/plan.ts';
import type { GuestAddress, Operation } from '../proxmox/operations/index.ts';
import { quoted } from '../text/cluster-text.ts';
import { maskValue } from '../text/mask.ts';
import type { Moved } from './compose.ts';
import { composeStage } from './compose-stage.ts';
import { disksWaiting } from './permit.ts';
import type { ApplyPorts, Connection, PermitSubject } from './ports.ts';
import { readFacts, readGuest, uuidOf } from './reread.ts';
import type { Reading } from './standing.ts';
import { type GuestWork, type Stage, stagesOf, workOf } from './work.ts';

/** A guest as it was read just before it is written to. */
export interface Prepared {
  work: GuestWork;
  guest: GuestAddress;
  stages: Stage[];
  config: Reading | undefined;
  /** What is not configuration; undefined where no step needs it. */
  facts: Reading | undefined;
  uuid: string | null;
  managed: boolean;
  subject: PermitSubject;
  /** When it was read (ms, by the process's own clock). */
  readAt: number;
}

/** A plan's guests as they are now; `refusals` where they differ from what the plan was made for. */
export interface Preparation {
  guests: Prepared[];
  refusals: ApplyRefusal[];
}

/** Guests read at once. */
const TOGETHER = 4;

/** Reads every guest of a plan again, and compares it with the plan: which life of the VMID it is, and each `from`. */
export async function prepare(
  plan: PlanEntity,
  ports: ApplyPorts,
  connection: Connection,
): Promise<Preparation> {
  const preparation: Preparation = { guests: [], refusals: [] };
  const works = workOf(plan);
  for (let start = 0; start < works.length; start += TOGETHER) {
    const some = works
      .slice(start, start + TOGETHER)
      .map(work => prepareGuest(work, plan, ports, connection));
    for (const one of await Promise.all(some)) {
      if (Array.isArray(one)) preparation.refusals.push(...one);
      else preparation.guests.push(one);
    }
  }
  return preparation;
}

/** Reads one guest again and compares it with the plan; returns what stands in the way where it differs. */
export async function prepareGuest(
  work: GuestWork,
  plan: PlanEntity,
  ports: ApplyPorts,
  connection: Connection,
): Promise<Prepared | ApplyRefusal[]> {
  const { resource, type, vmid } = work;
  const refused = (code: ApplyRefusal['code'], what: string): ApplyRefusal[] => [{ code, resource, what }];
  const known = await ports.store.guest(type, vmid);
  if (known === null || known.incarnation !== work.incarnation)
    return refused('another-guest', `${resource} is not the guest that was planned for: that one is gone.`);
  const guest: GuestAddress = { type, vmid, node: known.nodeId };
  const readAt = performance.now();
  const facts = { now: ports.clusterNow(), busy: false };
  const stages = stagesOf(work);
  const config = await readGuest(connection.reader, guest, { uuid: null }, facts);
  if (config === undefined) return refused('unread', `${resource} cannot be read now.`);
  const uuid = uuidOf(config.values);
  if (!config.sameGuest || (uuid !== null && known.identity?.includes(uuid.toLowerCase()) === false))
    return refused('another-guest', `${resource} is not the guest that was planned for: that one is gone.`);
  const lock = config.values['lock'] ?? known.lockStatus;
  if (lock !== null) return refused('held', `${resource} is locked in Proxmox VE (${quoted(lock)}).`);
  const fields = stages.flatMap(stage => (stage.kind === 'task' ? stage.steps.map(({ path }) => path) : []));
  const status =
    fields.length > 0
      ? await readFacts(connection.reader, guest, [guest.node], { ...facts, fields })
      : undefined;
  if (status === undefined && fields.length > 0) return refused('unread', `${resource} cannot be read now.`);
  const composed = compose(guest, stages, config, status);
  if (composed.moved.length > 0) return movedRefusals(work, composed.moved, plan, ports);
  const subject = subjectOf(known, work, config, composed.operations);
  const managed = known.haState !== null;
  return { work, guest, stages, config, facts: status, uuid, managed, subject, readAt };
}

/**
 * What would be sent, and which fields have other values by now. A restart is composed later, when there is something to restart
 * for.
 */
function compose(guest: GuestAddress, stages: Stage[], config: Reading, facts: Reading | undefined) {
  const operations: Operation[] = [];
  const moved: Moved[] = [];
  for (const stage of stages) {
    if (stage.kind === 'restart') {
      operations.push({ kind: 'power', guest, action: 'reboot' });
      continue;
    }
    const one = composeStage(guest, stage, stage.kind === 'task' ? facts! : config);
    if (one.kind === 'operation') operations.push(one.operation);
    else if (one.kind === 'moved') moved.push(...one.moved);
    else if (stage.kind === 'task')
      moved.push(...stage.steps.map(({ path, from, to }) => ({ path, from, now: to })));
  }
  return { operations, moved };
}

async function movedRefusals(
  { resource }: GuestWork,
  moved: readonly Moved[],
  { createdAt }: PlanEntity,
  ports: ApplyPorts,
): Promise<ApplyRefusal[]> {
  await ports.refresh([resource]);
  return Promise.all(
    moved.map(async ({ path, now }) => {
      const who = await ports.whoChanged(resource, path, createdAt);
      const by = who === null ? '' : `, by ${quoted(who)}`;
      const what = `${path} of ${resource} was changed since the plan was made${by}: it is ${shown(path, now)} now.`;
      return { code: 'moved' as const, resource, path, what };
    }),
  );
}

function shown(path: string, value: unknown): string {
  return value === null
    ? 'not set'
    : quoted(String(maskValue(path, typeof value === 'object' ? JSON.stringify(value) : value)));
}

function subjectOf(
  known: GuestEntity,
  work: GuestWork,
  { values, waiting }: Reading,
  operations: Operation[],
): PermitSubject {
  return {
    resource: work.resource,
    type: work.type,
    vmid: work.vmid,
    node: known.nodeId,
    name: values[work.type === 'vm' ? 'name' : 'hostname'] ?? known.name,
    tags: normaliseTags(values['tags'] ?? ''),
    pool: known.pool,
    template: known.template || values['template'] === '1',
    disksWaiting: disksWaiting(values, waiting),
    operations,
  };
}
