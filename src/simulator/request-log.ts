/** A call to the simulator. */
export interface LoggedRequest {
  method: string;
  /** Below `/api2/json`, decoded, without the query. */
  path: string;
  query: Record<string, string>;
  /** Status of the answer; 0 if the connection was cut instead. */
  status: number;
  /** Simulated time, milliseconds since 1970. */
  at: number;
  /** The account, once known. */
  account?: string;
}

/** Every call served since the start or the last reset, in order of arrival. */
export class RequestLog {
  list: LoggedRequest[] = [];

  /** The number of calls, in total or with a matching path. */
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
