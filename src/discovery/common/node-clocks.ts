import type { OurTime } from '../../model/time.ts';
import { endpoints } from '../../proxmox/endpoints/index.ts';
import { ProxmoxError } from '../../proxmox/proxmox-error.ts';
import type { Api } from './api.ts';
import { age, type ClockOffset } from './clock.ts';

/** A clock that is off stays off: asking now and then is enough (ms). */
const ASKED_EVERY_MS = 300_000;
/** Both clocks are read in whole seconds, and answers take a moment (ms). */
const NOISE_MS = 3_000;

/** What it takes to ask. */
interface Asking extends ClockOffset {
  api: Api;
  now: () => OurTime;
  inventory: { online: ReadonlySet<string> };
}

/**
 * How far each node's own clock is from the cluster's time, which is the time of the node that answers. A node dates its
 * tasks, its log lines and its guests' snapshots by its own.
 */
export class NodeClocks {
  readonly #known = new Map<string, { ahead: number; askedAt: number; refused: boolean }>();

  /** How far the node's clock is ahead (ms); 0 while nobody could tell. */
  ahead(node: string): number {
    return this.#known.get(node)?.ahead ?? 0;
  }

  /** The same; null while nobody could tell. */
  known(node: string): number | null {
    return this.#known.get(node)?.ahead ?? null;
  }

  /** Somebody set a clock, or another node answers: what is known holds no longer. */
  forget(): void {
    this.#known.clear();
  }

  /** The token's rights have changed: whoever refused may answer now. */
  askAgain(): void {
    for (const clock of this.#known.values()) if (clock.refused) clock.askedAt = Number.NEGATIVE_INFINITY;
  }

  /** What a node tells lies in the future: its clock may have been set since it was asked. */
  doubt(node: string): void {
    const clock = this.#known.get(node);
    if (clock !== undefined && !clock.refused) clock.askedAt = Number.NEGATIVE_INFINITY;
  }

  /** Asks the nodes that are online and were not asked for a while. Says of which the clock could not be read. */
  async read({ api, inventory, now, clockOffset }: Asking): Promise<string[]> {
    const warnings: string[] = [];
    const due = [...inventory.online].filter(
      node => age(this.#known.get(node)?.askedAt ?? Number.NEGATIVE_INFINITY, now()) > ASKED_EVERY_MS,
    );
    await Promise.all(
      due.map(async node => {
        const askedAt = now();
        let ahead = this.ahead(node);
        let refused = false;
        try {
          const { time } = await api.get(endpoints.nodes.time, { node });
          const off = time * 1000 + 500 - ((askedAt + now()) / 2 + clockOffset());
          ahead = Math.abs(off) < NOISE_MS ? 0 : Math.round(off);
        } catch (error) {
          if (!(error instanceof ProxmoxError)) throw error;
          warnings.push(`clock of node ${node}: ${error.message}`);
          // Who does not answer now may do so next time; what the token may not read it will not read then.
          refused = error.kind === 'forbidden';
          if (!refused) return;
        }
        this.#known.set(node, { ahead, askedAt, refused });
      }),
    );
    return warnings;
  }
}
