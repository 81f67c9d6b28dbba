import { listOf, parseNote, recordOf } from '../../model/note.ts';
import { NODE_CLOCKS_NOTE, type Store, type StoreReader } from '../../model/store.ts';
import { type ClusterTime, type NodeTime, type OurTime, toClusterTime } from '../../model/time.ts';
import { endpoints } from '../../proxmox/endpoints/index.ts';
import { ProxmoxError } from '../../proxmox/proxmox-error.ts';
import type { Api } from './api.ts';
import { age, type ClockOffset } from './clock.ts';
import { aheadIn, type Era, earliestShown, isEra, possibleDates, withReading } from './node-eras.ts';

/** How often a node's clock is read again (ms): offsets rarely change. */
const ASKED_EVERY_MS = 300_000;

/** What reading the clocks needs. */
interface Asking extends ClockOffset {
  api: Api;
  now: () => OurTime;
  inventory: { online: ReadonlySet<string> };
}

/**
 * How far each node's own clock is from the cluster's time, which is that of the node that answers, and was before it was set. A
 * node dates its tasks, log lines and guest snapshots by its own clock.
 */
export class NodeClocks {
  readonly #asked = new Map<string, { at: number; refused: boolean }>();
  readonly #eras = new Map<string, Era[]>();
  /** What earlier processes read has been recalled, or must not be. */
  #recalled = false;
  #isNews = false;

  /** How far the node's clock is ahead (ms); 0 while unknown. */
  ahead(node: string): number {
    return this.known(node) ?? 0;
  }

  /** How far the node's clock is ahead (ms); null while unknown. */
  known(node: string): number | null {
    const era = this.#eras.get(node)?.at(-1);
    return era === undefined ? null : aheadIn(era);
  }

  /** The moments that one by the node's clock may stand for, never none: several where the clock was set around then. */
  dates(node: string, at: NodeTime): [ClusterTime, ...ClusterTime[]] {
    return possibleDates(this.#eras.get(node) ?? [], at);
  }

  /** The earliest that the node's clock may have shown at a moment, to ask the node for what was since. */
  earliest(node: string, at: ClusterTime): NodeTime {
    return earliestShown(this.#eras.get(node) ?? [], at);
  }

  /** Forgets all offsets: somebody set a clock, or another node answers now. */
  forget(): void {
    this.#asked.clear();
    this.#eras.clear();
    this.#recalled = true;
    this.#isNews = true;
  }

  /** Lets nodes that refused be asked again: the token's rights have changed. */
  askAgain(): void {
    for (const clock of this.#asked.values()) if (clock.refused) clock.at = Number.NEGATIVE_INFINITY;
  }

  /** Lets every node be asked again: our clock was set, which does not move theirs. */
  doubtAll(): void {
    for (const clock of this.#asked.values()) clock.at = Number.NEGATIVE_INFINITY;
  }

  /** Lets a node be asked again because it told a time that cannot be: its clock may have been set. */
  doubt(node: string): void {
    const clock = this.#asked.get(node);
    if (clock !== undefined && !clock.refused) clock.at = Number.NEGATIVE_INFINITY;
  }

  /** Learns what earlier processes read, once: a clock may have been set since. */
  async recall(store: StoreReader): Promise<void> {
    if (this.#recalled) return;
    this.#recalled = true;
    const kept = parseNote(await store.note(NODE_CLOCKS_NOTE), recordOf(listOf(isEra))) ?? {};
    for (const [node, eras] of Object.entries(kept)) if (!this.#eras.has(node)) this.#eras.set(node, eras);
  }

  /** Keeps what was read, for later processes. */
  async remember(store: Pick<Store, 'saveNote'>): Promise<void> {
    if (!this.#isNews) return;
    this.#isNews = false;
    await store.saveNote(NODE_CLOCKS_NOTE, JSON.stringify(Object.fromEntries(this.#eras)));
  }

  /** Asks the online nodes that were not asked for a while. Returns a warning for each clock that could not be read. */
  async read({ api, inventory, now, clockOffset }: Asking): Promise<string[]> {
    const warnings: string[] = [];
    const due = [...inventory.online].filter(
      node => age(this.#asked.get(node)?.at ?? Number.NEGATIVE_INFINITY, now()) > ASKED_EVERY_MS,
    );
    await Promise.all(
      due.map(async node => {
        const at = now();
        try {
          const { time } = await api.get(endpoints.nodes.time, { node });
          const off = time * 1000 + 500 - ((at + now()) / 2 + clockOffset());
          const eras = this.#eras.get(node) ?? [];
          this.#eras.set(node, withReading(eras, Math.round(off), toClusterTime(at, clockOffset())));
          this.#isNews = true;
          this.#asked.set(node, { at, refused: false });
        } catch (error) {
          if (!(error instanceof ProxmoxError)) throw error;
          warnings.push(`clock of node ${node}: ${error.message}`);
          // A node that failed may answer next time; a right that is missing now will be missing then.
          if (error.kind === 'forbidden') this.#asked.set(node, { at, refused: true });
        }
      }),
    );
    return warnings;
  }
}
