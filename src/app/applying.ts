import { planRefusal } from '../apply/check-plan.ts';
import { connectForWriting } from '../apply/connect.ts';
import { createApplier } from '../apply/index.ts';
import { createPermission, neverDone } from '../apply/permission.ts';
import { disksWaiting } from '../apply/permit.ts';
import { plannedOperations } from '../apply/planned.ts';
import { createRights, needlessRights } from '../apply/rights.ts';
import type { ConnectedConfig, WritingConfig } from '../config.ts';
import type { Discovery } from '../discovery/index.ts';
import { describeError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Applying, ApplyOrder } from '../mcp/define/applying.ts';
import type { ApplyRefusal, ApplyResult } from '../model/applying.ts';
import { parseGuestKey } from '../model/resource.ts';
import type { Store } from '../model/store.ts';
import { createProxmoxClient, type ProxmoxClient, parseToken } from '../proxmox/index.ts';
import { readingPorts } from './apply-ports.ts';
import { approvalOf } from './approval.ts';

/** The parts needed to carry out plans. */
export interface ApplyingParts {
  store: Store;
  client: ProxmoxClient;
  discovery: Pick<Discovery, 'ensure'>;
  connection: Pick<ConnectedConfig, 'urls' | 'tls' | 'timeoutMs' | 'timeZone'>;
  writing: WritingConfig;
  now: () => number;
  log: Log;
}

/** The opened means to carry out plans. */
export interface OpenApplying {
  obstacles: Applying['obstacles'];
  apply: Applying['apply'];
  /** Settles writes that an earlier process left unknown, and warns about a token that may do too much. Never throws. */
  start(): Promise<void>;
  /** Waits until sent writes are settled. */
  close(): Promise<void>;
}

/**
 * Assembles everything that writes: the policy, the rights of both tokens, and who is asked. Sends nothing until a plan is
 * applied.
 */
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
      const asked = guests.map(({ node, bridges, config, waiting, ...guest }) => {
        const { id: vmid } = parseGuestKey(guest.resource);
        const address = { type: guest.type, vmid, node };
        return {
          ...guest,
          disksWaiting: disksWaiting(config, waiting),
          operations: plannedOperations({ guest: address, bridges }, stepsOf(guest.resource)),
        };
      });
      return permission(plan, asked).catch(unasked);
    },
    apply: async order => {
      const plan = await store.plan(order.plan);
      const never = plan === null ? [] : neverDone(plan, writing.policy);
      if (never.length > 0) return refused(order, never, parts);
      return applier.apply({ ...order, approval: asked => approvalOf(asked, order, parts) });
    },
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

/** Refuses a plan that this program cannot have made, before any guest is read. */
async function refused(
  { plan, asker }: ApplyOrder,
  refusals: ApplyRefusal[],
  { store, now }: ApplyingParts,
): Promise<ApplyResult> {
  const facts = { refusals };
  await store.addPlanEvent({ plan, at: now(), type: 'refused', who: asker, how: null, facts });
  return { plan, outcome: 'refused', steps: [], refusals, undo: null };
}

/** The refusal if Proxmox does not tell what the tokens may do: nobody should rely on it then. */
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
