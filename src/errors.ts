import { messageText } from './text/message.ts';

/**
 * The base of every error the product throws: what failed (`message`), why (`cause`) and what to do next (`hint`). `code` is
 * stable for programs. Message and hint must not contain secrets: both are shown to models and people.
 */
export class MpcError extends Error {
  readonly code: string;
  readonly hint: string | undefined;

  constructor(code: string, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.hint = options.hint;
  }
}

/** What the caller sent cannot be used: a bad argument, option or cursor. Shown to the caller as it is. */
export class UsageError extends MpcError {
  constructor(message: string, options: { hint?: string; cause?: unknown } = {}) {
    super('usage', message, options);
  }
}

/**
 * Any thrown value in one line, for a log or a warning: its message and, where there is one, that of its cause. Secrets are
 * masked, since the error may quote the cluster, or what was sent to it.
 */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return messageText(String(error));
  const cause =
    error.cause instanceof Error && !error.message.includes(error.cause.message)
      ? ` (${error.cause.message})`
      : '';
  return messageText(`${error.message}${cause}`);
}

/** Node's word for the system call that failed (`ENOENT`), or a server's for what it refused; undefined where there is none. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
