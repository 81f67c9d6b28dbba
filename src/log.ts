import { oneLine } from './text/clean.ts';
import { maskValue } from './text/mask.ts';
import { messageText } from './text/message.ts';
import { isSecretPath } from './text/secret-words.ts';

/** Log levels, in ascending order. */
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
 * A log that drops everything below `level`; facts are appended as `key=value`, JSON where needed. A line contains no secrets and
 * no terminal control sequences, whatever comes from the cluster.
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
        .map(([name, value]) => ` ${name}=${factText(name, value)}`)
        .join('');
      write(`${new Date().toISOString()} ${weight} ${messageText(message)}${oneLine(tail)}\n`);
    };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/** Each fact is masked on its own: a word at the end of one says nothing about the next. */
function factText(name: string, value: unknown): string {
  const safe = typeof value === 'string' && !isSecretPath(name) ? messageText(value) : maskValue(name, value);
  return typeof safe === 'string' && /^\S+$/.test(safe) ? safe : JSON.stringify(safe);
}

/** Drops everything; the default where no log is passed. */
export const noLog: Log = createLog('silent');
