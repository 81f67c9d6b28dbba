import type { OurTime } from '../../model/time.ts';
import { endpoints } from '../../proxmox/endpoints/index.ts';
import { ProxmoxError } from '../../proxmox/proxmox-error.ts';
import type { Api } from './api.ts';
import { age, type ClockOffset } from './clock.ts';

/** How often a node's clock is read again (ms): offsets rarely change. */
const ASKED_EVERY_MS = 300_000;
/** Offsets below this are measurement noise (ms): both clocks are read in whole seconds, and answers take a moment. */
const NOISE_MS = 3_000;

/** What reading the clocks needs. */
interface Asking extends ClockOffset {
  api: Api;
  now: () => OurTime;
  inventory: { online: ReadonlySet<string> };
}

/**
 * How far each node's own clock is from the cluster's time, which is that of the node that answers. A node dates its tasks, log
 * lines and guest snapshots by its own clock.
 */
export class NodeClocks {
  readonly #known = new Map<string, { ahead: number; askedAt: number; refused: boolean }>();

  /** How far the node's clock is ahead (ms); 0 while unknown. */
  ahead(node: string): number {
    return this.#known.get(node)?.ahead ?? 0;
  }

  /** How far the node's clock is ahead (ms); null while unknown. */
  known(node: string): number | null {
    return this.#known.get(node)?.ahead ?? null;
  }

  /** Forgets all offsets: somebody set a clock, or another node answers now. */
  forget(): void {
    this.#known.clear();
  }

  /** Lets nodes that refused be asked again: the token's rights have changed. */
  askAgain(): void {
    for (const clock of this.#known.values()) if (clock.refused) clock.askedAt = Number.NEGATIVE_INFINITY;
  }

  /** Lets every node be asked again: our clock was set, which does not move theirs. */
  doubtAll(): void {
    for (const clock of this.#known.values()) clock.askedAt = Number.NEGATIVE_INFINITY;
  }

  /** Lets a node be asked again because it reported a time in the future: its clock may have been set. */
  doubt(node: string): void {
    const clock = this.#known.get(node);
    if (clock !== undefined && !clock.refused) clock.askedAt = Number.NEGATIVE_INFINITY;
  }

  /** Asks the online nodes that were not asked for a while. Returns a warning for each clock that could not be read. */
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
          // A node that failed may answer next time; a right that is missing now will be missing then.
          refused = error.kind === 'forbidden';
          if (!refused) return;
        }
        this.#known.set(node, { ahead, askedAt, refused });
      }),
    );
    return warnings;
  }
}
