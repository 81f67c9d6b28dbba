import type { SimulatorClock } from './clock.ts';
import type { LogLine, Node } from './types.ts';

/** Lines in the ring; PVE's holds some hundred kilobytes. */
const capacity = 2500;

/** The cluster log: who did what, for VM edits even without a task. The oldest lines drop out of the ring. */
export class ClusterLog {
  readonly #clock: SimulatorClock;
  #lines: LogLine[] = [];

  constructor(clock: SimulatorClock) {
    this.#clock = clock;
  }

  /** Appends a line written by a node; `pri` 6 is info, 3 an error. */
  add(node: Node, line: { user: string; msg: string; pri?: number; pid?: number; tag?: string }): void {
    this.#lines.push({
      uid: node.nextLogId++,
      node: node.name,
      time: Math.floor((this.#clock.now() + node.clockOffsetMs) / 1000),
      pri: line.pri ?? 6,
      tag: line.tag ?? 'pvedaemon',
      pid: line.pid ?? 900 + node.id,
      user: line.user,
      msg: line.msg,
    });
    if (this.#lines.length > capacity + 500) this.#lines = this.#lines.slice(-capacity);
  }

  /** Newest first. */
  newest(max: number, user?: string): LogLine[] {
    const result: LogLine[] = [];
    for (let i = this.#lines.length - 1; i >= 0 && result.length < max; i--) {
      const line = this.#lines[i]!;
      if (user === undefined || line.user === user) result.push(line);
    }
    return result;
  }
}
