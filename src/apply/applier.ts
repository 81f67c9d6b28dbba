import { randomUUID } from 'node:crypto';
import { describeError, UsageError } from '../errors.ts';
import type { Applier, ApplyRefusal, ApplyRequest, ApplyResult } from '../model/applying.ts';
import type { PlanEntity } from '../model/plan.ts';
import type { Lease } from '../model/store.ts';
import { applyUnder, refusedResult } from './apply-plan.ts';
import { REREAD_AFTER_MS } from './order.ts';
import type { ApplyPorts } from './ports.ts';
import { isAnythingOpen, settleOpen } from './settle.ts';

/** The duration of the lease for writing, and how often it is renewed (ms). */
const LEASE_MS = 30_000;
const RENEWAL_MS = 10_000;
/** How long settling waits between attempts while another process writes (ms). */
const SETTLE_AGAIN_MS = 10_000;

/** Creates the applier of this process. Nothing is sent before the first plan. */
export function createApplier(ports: ApplyPorts): Applier {
  return new PlanApplier(ports);
}

class PlanApplier implements Applier {
  readonly #ports: ApplyPorts;
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #underWay = new Set<Promise<unknown>>();
  #closed = false;
  /** The latest moment our clock has shown (ms): setting it back does not make a plan valid again. */
  #latest = 0;

  constructor(ports: ApplyPorts) {
    this.#ports = ports;
  }

  apply(request: ApplyRequest): Promise<ApplyResult> {
    return this.#tracked(this.#apply(request));
  }

  async settle(): Promise<void> {
    await this.#tracked(this.#settle(0));
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    await Promise.allSettled(this.#underWay);
  }

  async #apply(request: ApplyRequest): Promise<ApplyResult> {
    const { store } = this.#ports;
    const plan = await store.plan(request.plan);
    if (plan === null) throw new UsageError(`There is no plan ${request.plan}`);
    const busy = {
      code: 'busy',
      what: 'Another process carries out a plan now: try again in a moment.',
    } as const;
    const result = this.#closed
      ? refusedResult(plan, [busy])
      : await this.#alone(lease =>
          applyUnder({ ports: this.#ports, lease, plan, request, latest: this.#moment() }),
        );
    const reported = result ?? refusedResult(plan, [busy]);
    if (reported.outcome === 'refused') await this.#noteRefusal(plan, request, reported.refusals);
    if (reported.steps.some(step => step.outcome === 'unknown')) this.#settleLater(0);
    return reported;
  }

  /** Runs `work` under the lease for writing, which is renewed meanwhile; null where another process holds it. */
  async #alone<T>(work: (lease: Lease) => Promise<T>): Promise<T | null> {
    const { store, log } = this.#ports;
    const lease = await store.acquireLease(`${process.pid}-${randomUUID()}`, LEASE_MS, 'apply');
    if (lease === null) return null;
    const renewal = setInterval(() => {
      store
        .renewLease(lease, LEASE_MS)
        .catch(error => log.warn('lease for writing not renewed', { error: describeError(error) }));
    }, RENEWAL_MS).unref();
    try {
      return await work(lease);
    } finally {
      clearInterval(renewal);
      await store
        .releaseLease(lease)
        .catch(error => log.warn('lease for writing not released', { error: describeError(error) }));
    }
  }

  async #settle(turn: number): Promise<void> {
    const ports = this.#ports;
    if (!(await isAnythingOpen(ports.store))) return;
    const left = await this.#alone(async lease => {
      const connection = ports.connect();
      try {
        return await settleOpen({ ports, lease, connection });
      } finally {
        connection.close();
      }
    });
    if (left === null) this.#later(turn, SETTLE_AGAIN_MS);
    else if (left.length > 0) this.#settleLater(turn);
  }

  /** Reads again 5 s, 30 s and 2 minutes later; after that, the next start does. */
  #settleLater(turn: number): void {
    const [after, before] = [REREAD_AFTER_MS[turn], turn === 0 ? 0 : REREAD_AFTER_MS[turn - 1]];
    if (after !== undefined) this.#later(turn + 1, after - before!);
  }

  #later(turn: number, ms: number): void {
    if (this.#closed) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#tracked(this.#settle(turn)).catch(error =>
        this.#ports.log.warn('what became of a write is not known yet', { error: describeError(error) }),
      );
    }, ms).unref();
    this.#timers.add(timer);
  }

  async #noteRefusal(plan: PlanEntity, { asker }: ApplyRequest, refusals: ApplyRefusal[]): Promise<void> {
    const { store, log, now } = this.#ports;
    const facts = { refusals };
    await store
      .addPlanEvent({ plan: plan.id, at: now(), type: 'refused', who: asker, how: null, facts })
      .catch(error => log.warn('a refusal could not be kept', { error: describeError(error) }));
  }

  #moment(): number {
    this.#latest = Math.max(this.#latest, this.#ports.now());
    return this.#latest;
  }

  #tracked<T>(work: Promise<T>): Promise<T> {
    this.#underWay.add(work);
    const over = () => this.#underWay.delete(work);
    work.then(over, over);
    return work;
  }
}
