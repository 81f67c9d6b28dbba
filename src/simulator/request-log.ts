/** One call the simulator was asked. */
export interface LoggedRequest {
  method: string;
  /** Below `/api2/json`, decoded, without the query. */
  path: string;
  query: Record<string, string>;
  /** The status answered; 0 when the connection was cut instead. */
  status: number;
  /** Simulated time, milliseconds since 1970. */
  at: number;
  /** Who asked, once known. */
  account?: string;
}

/** Every call served since the start or the last reset, in order of arrival. */
export class RequestLog {
  list: LoggedRequest[] = [];

  /** How many calls there were, or how many with this path or a path like this. */
  count(match?: string | RegExp): number {
    if (match === undefined) return this.list.length;
    return this.list.filter(({ path }) => (typeof match === 'string' ? path === match : match.test(path)))
      .length;
  }

  /** Forgets the calls so far. */
  reset(): void {
    this.list = [];
  }
}
