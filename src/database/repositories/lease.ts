import { raw, sqltag as sql } from '@prisma/client/runtime/client';
import type { Lease, LeaseRole } from '../../model/store.ts';
import type { Session } from '../session/session.ts';

/** A lease that ends later than this many times its duration was taken before the clock was set back: its holder is gone. */
const IMPOSSIBLE = 10;

/** The row of each lease. */
const ROW: { readonly [role in LeaseRole]: number } = { discover: 1, apply: 2 };

/**
 * Exclusive rights, one row for each, judged by the engine's clock (on SQLite, the machine's). An expired lease is lost even if
 * nobody took it: what its holder collected before it slept is outdated.
 */
export class LeaseRepository {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  /** Takes the lease unless another holder's is valid; null then. Every acquisition increments the fence. */
  async acquire(holder: string, ttlMs: number, role: LeaseRole = 'discover'): Promise<Lease | null> {
    const { dialect } = this.#session;
    const take = sql`INSERT INTO lease (id, holder, fence, expires_at) VALUES (${ROW[role]}, ${holder}, 1, ${dialect.now(ttlMs)})
      ON CONFLICT (id) DO UPDATE SET holder = excluded.holder, fence = lease.fence + 1, expires_at = excluded.expires_at
      WHERE lease.expires_at <= ${dialect.now(0)} OR lease.holder = excluded.holder
        OR lease.expires_at > ${dialect.now(ttlMs * IMPOSSIBLE)}
      RETURNING fence, ${raw(dialect.scalar('expires_at', 'time'))} AS expires`;
    const [row] = await this.#session.write(db =>
      db.$queryRaw<{ fence: number | bigint; expires: number | bigint | Date }[]>(take),
    );
    return row ? { holder, fence: Number(row.fence), expiresAt: Number(row.expires), role } : null;
  }

  /** Extends the lease; false when it is lost. */
  async renew(lease: Lease, ttlMs: number): Promise<boolean> {
    const { dialect } = this.#session;
    const extend = sql`UPDATE lease SET expires_at = ${dialect.now(ttlMs)}
      WHERE id = ${ROW[lease.role ?? 'discover']} AND holder = ${lease.holder} AND fence = ${lease.fence} AND expires_at > ${dialect.now(0)}`;
    return (await this.#session.write(db => db.$executeRaw(extend))) === 1;
  }

  /** Ends the lease at once, dated a moment ago because a column may round the engine's finer clock up. */
  async release(lease: Lease): Promise<void> {
    const { dialect } = this.#session;
    const end = sql`UPDATE lease SET expires_at = ${dialect.now(-1)}
      WHERE id = ${ROW[lease.role ?? 'discover']} AND holder = ${lease.holder} AND fence = ${lease.fence} AND expires_at > ${dialect.now(0)}`;
    await this.#session.write(db => db.$executeRaw(end));
  }
}
