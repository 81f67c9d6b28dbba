/** The `Date` of an answer has whole seconds, rounded down (ms). */
const SECOND_MS = 1_000;

/**
 * How far a server's clock is ahead of ours, from the dates of its answers. Each of them allows a second and the time the answer
 * took; all of them together allow less, so the estimate gets better with every second that begins between two answers.
 */
export class ServerClock {
  #least = Number.NEGATIVE_INFINITY;
  #most = Number.POSITIVE_INFINITY;

  /** The server's clock minus ours (ms), to half a second or better; undefined before the first answer. */
  get aheadMs(): number | undefined {
    return Number.isFinite(this.#least) ? (this.#least + this.#most) / 2 : undefined;
  }

  /** Takes in that the server dated an answer `date` (ms), between when we sent the request and when we had the answer (ms). */
  answered(date: number, sent: number, received: number): void {
    const least = date - received;
    const most = date + SECOND_MS - sent;
    // One of the clocks was set, or has drifted away: what was known holds no longer.
    const moved = least > this.#most || most < this.#least;
    this.#least = moved ? least : Math.max(least, this.#least);
    this.#most = moved ? most : Math.min(most, this.#most);
  }
}
