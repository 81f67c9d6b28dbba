/**
 * A refusal as PVE words it: `reason` is the HTTP reason phrase and, with a line feed, the `message` of the JSON body.
 */
export class ApiError extends Error {
  readonly status: number;
  /** Problem per parameter, with 400. */
  readonly errors: Record<string, string> | undefined;
  /** 401, 595 and 596 have no body at all. */
  readonly empty: boolean;
  /** How long PVE takes to answer, in milliseconds. */
  readonly delayMs: number;

  constructor(
    status: number,
    reason: string,
    options: { errors?: Record<string, string>; empty?: boolean; delayMs?: number } = {},
  ) {
    super(reason);
    this.name = 'ApiError';
    this.status = status;
    this.errors = options.errors;
    this.empty = options.empty ?? false;
    this.delayMs = options.delayMs ?? 0;
  }
}

/** 400 with the problem of each parameter. */
export function badParameters(errors: Record<string, string>): ApiError {
  return new ApiError(400, 'Parameter verification failed.', { errors });
}
