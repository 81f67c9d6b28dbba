import { oneLine } from './text/clean.ts';
import { maskText } from './text/mask.ts';

/** Log levels in order of weight. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
/** One of `LOG_LEVELS`. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Writes one line per event to stderr: stdout belongs to the MCP protocol. */
export interface Log {
  debug(message: string, facts?: Record<string, unknown>): void;
  info(message: string, facts?: Record<string, unknown>): void;
  warn(message: string, facts?: Record<string, unknown>): void;
  error(message: string, facts?: Record<string, unknown>): void;
}

/**
 * A log that drops what weighs less than `level`; facts are appended as `key=value`, JSON where needed. A line holds no
 * secrets and nothing that steers a terminal, whatever the cluster put into it.
 */
export function createLog(
  level: LogLevel,
  write: (line: string) => void = line => process.stderr.write(line),
): Log {
  const threshold = LOG_LEVELS.indexOf(level);
  const at =
    (weight: LogLevel) =>
    (message: string, facts: Record<string, unknown> = {}) => {
      if (LOG_LEVELS.indexOf(weight) < threshold) return;
      const tail = Object.entries(facts)
        .filter(([, value]) => value !== undefined)
        .map(
          ([key, value]) =>
            ` ${key}=${typeof value === 'string' && /^\S+$/.test(value) ? value : JSON.stringify(value)}`,
        )
        .join('');
      write(`${new Date().toISOString()} ${weight} ${oneLine(maskText(`${message}${tail}`))}\n`);
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/** Drops everything; the default where no log is handed in. */
export const noLog: Log = createLog('silent');
