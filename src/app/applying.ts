import { planQuestion } from '../answers/desired/question.ts';
import { standingApproval } from '../apply/approval.ts';
import { planRefusal } from '../apply/check-plan.ts';
import { connectForWriting } from '../apply/connect.ts';
import { createApplier } from '../apply/index.ts';
import { createPermission } from '../apply/permission.ts';
import { plannedOperations } from '../apply/planned.ts';
import { createRights, needlessRights } from '../apply/rights.ts';
import type { ConnectedConfig, WritingConfig } from '../config.ts';
import { planIdentity } from '../desired/plan.ts';
import type { Discovery } from '../discovery/index.ts';
import { describeError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Applying, ApplyOrder, PersonAsked } from '../mcp/define/applying.ts';
import type { ApplyRefusal, Approval } from '../model/applying.ts';
import type { PlanEntity } from '../model/plan.ts';
import type { Store } from '../model/store.ts';
import { createProxmoxClient, type ProxmoxClient, parseToken } from '../proxmox/index.ts';
import { readingPorts } from './apply-ports.ts';

/** What carrying out plans is composed from. */
export interface ApplyingParts {
  store: Store;
  client: ProxmoxClient;
  discovery: Pick<Discovery, 'ensure'>;
  connection: Pick<ConnectedConfig, 'urls' | 'tls' | 'timeoutMs' | 'timeZone'>;
  writing: WritingConfig;
  now: () => number;
  log: Log;
}

/** Carrying out plans, opened. */
export interface OpenApplying {
  obstacles: Applying['obstacles'];
  apply: Applying['apply'];
  /** Judges what an earlier process left unknown, and warns of a token that may do too much. Never throws. */
  start(): Promise<void>;
  /** Lets what was sent be judged. */
  close(): Promise<void>;
}

/** A dialog of a client holds so many characters of one value; more is for a terminal. */
const VALUE_IN_DIALOG = 300;
const DIALOG_AT_MOST = 6_000;
const VALUE_AT_TERMINAL = 8_192;

/** Puts together what writes: the gate, the rights of both tokens, and who is asked. Nothing is sent before a plan is. */
export function openApplying(parts: ApplyingParts): OpenApplying {
  const { connection, writing, store, client, discovery, now, log } = parts;
  const { tls, urls, timeoutMs } = connection;
  const asking = createProxmoxClient({ urls, credentials: { token: writing.token }, tls, timeoutMs, now });
  const write = { identity: parseToken(writing.token).id, reader: asking };
  const rights = createRights({ read: { identity: client.identity, reader: client }, write, now });
  const permission = createPermission(writing.policy, rights);
  const applier = createApplier({
    ...readingPorts({ store, client, discovery, now }),
    store,
    connect: () => connectForWriting(client, { token: writing.token, tls }),
    permit: permission,
    log,
  });
  return {
    obstacles: async (plan, guests) => {
      const closed = planRefusal(plan, now());
      if (closed !== null) return [closed];
      const stepsOf = (resource: string) => plan.steps.filter(step => step.resource === resource);
      const asked = guests.map(({ node, bridges, ...guest }) => {
        const vmid = Number(guest.resource.split('/')[1]);
        const address = { type: guest.type, vmid, node };
        return {
          ...guest,
          operations: plannedOperations({ guest: address, bridges }, stepsOf(guest.resource)),
        };
      });
      return permission(plan, asked).catch(unasked);
    },
    apply: order => applier.apply({ ...order, approval: plan => approvalOf(plan, order, parts) }),
    start: async () => {
      await warnOfToken(write, client.identity, log);
      await applier
        .settle()
        .catch(error => log.warn('earlier writes are not settled', { error: describeError(error) }));
    },
    close: async () => {
      await applier.close();
      asking.close();
    },
  };
}

/** Proxmox did not tell what the tokens may do: nobody should count on it. */
function unasked(error: unknown): ApplyRefusal[] {
  return [{ code: 'right', what: `What the tokens may do could not be asked: ${describeError(error)}.` }];
}

async function warnOfToken(
  write: { identity: string; reader: Parameters<typeof needlessRights>[0]['reader'] },
  reads: string,
  log: Log,
): Promise<void> {
  const hint = 'proxmox-mpc init --write prints the commands of a role with just what is needed';
  if (write.identity === reads)
    log.warn('the token that writes is the one that reads, too: give writing one of its own', { hint });
  try {
    const needless = await needlessRights(write);
    if (needless.length > 0)
      log.warn(`the token that writes, ${write.identity}, may do more than anything here ever needs`, {
        may: needless.join(', '),
        hint,
      });
  } catch (error) {
    log.warn(`the token that writes, ${write.identity}, cannot be used`, { error: describeError(error) });
  }
}

/** Whether somebody who may has approved a plan: before, or now that they are asked. */
async function approvalOf(
  plan: PlanEntity,
  { asker, why, person }: ApplyOrder,
  { store, writing, connection }: ApplyingParts,
): Promise<Approval | ApplyRefusal> {
  if (writing.approval === 'host') return { by: asker, how: 'host' };
  const cluster = await store.cluster();
  const name = `${cluster?.name ?? ''} ${cluster?.rootFingerprint ?? ''}`;
  const standing = standingApproval(await store.planEvents({ plan: plan.id }), planIdentity(name, plan));
  if (standing !== null) return standing;
  if (person === undefined)
    return nobodyAsked(plan.id, 'nobody has approved it, and this client cannot ask a person');
  const terminal = person.how === 'terminal';
  const text = planQuestion(plan, {
    cluster: cluster?.name ?? null,
    timeZone: connection.timeZone,
    why,
    limit: terminal ? VALUE_AT_TERMINAL : VALUE_IN_DIALOG,
  });
  if (!terminal && text.length > DIALOG_AT_MOST)
    return nobodyAsked(plan.id, 'nobody has approved it, and it is too long for a dialog');
  return answered(await person.ask({ plan: plan.id, text }), plan.id, { asker, how: person.how });
}

function answered(
  answer: Awaited<ReturnType<PersonAsked['ask']>>,
  plan: string,
  { asker, how }: { asker: string; how: PersonAsked['how'] },
): Approval | ApplyRefusal {
  if (answer === 'yes') return { by: asker, how };
  const what =
    answer === 'no'
      ? 'the person who was asked said no'
      : 'the person who was asked did not answer within a minute';
  return { code: 'approval', what: `Plan ${plan}: ${what}.` };
}

function nobodyAsked(plan: string, why: string): ApplyRefusal {
  return {
    code: 'approval',
    what: `Plan ${plan}: ${why}. A person approves it at a terminal: proxmox-mpc approve ${plan}`,
  };
}
