/** Runs one write at a time, in order: SQLite has one writer, and its client one connection. */
export class WriteQueue {
  #tail: Promise<unknown> = Promise.resolve();

  /** The result of `work`, once all before it are done. A failure does not block the next one. */
  run<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(work, work);
    this.#tail = result.catch(() => {});
    return result;
  }
}
