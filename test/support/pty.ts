import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { PROGRAM } from './program.ts';

/** The program on a terminal: what a person sees, and what they type. */
export interface OnTerminal {
  /** Waits until the text has appeared, since the last time. */
  until(text: string): Promise<void>;
  type(text: string): void;
  /** Everything shown and the exit code, once it has ended. */
  end: Promise<{ code: number | null; shown: string }>;
}

/** Starts the built program on a terminal of its own; with `stdout`, its output goes to that file instead. */
export function startOnTerminal(
  args: string[],
  env: NodeJS.ProcessEnv,
  { columns = 100, stdout }: { columns?: number; stdout?: string } = {},
): OnTerminal {
  const quoted = [process.execPath, PROGRAM, ...args].map(word => `'${word}'`).join(' ');
  const to = stdout === undefined ? '' : ` > '${stdout}'`;
  const child = spawn('script', ['-qec', `stty cols ${columns}; ${quoted}${to}`, '/dev/null'], {
    env: { TERM: 'xterm', ...env },
    cwd: tmpdir(),
  });
  let shown = '';
  let seen = 0;
  const waiting = new Set<() => void>();
  const heard = () => {
    for (const look of waiting) look();
  };
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', text => {
      shown += text;
      heard();
    });
  let ended = false;
  const end = new Promise<{ code: number | null; shown: string }>(resolve => {
    child.on('close', code => {
      ended = true;
      resolve({ code, shown });
      heard();
    });
  });
  return {
    end,
    type: text => child.stdin.write(text),
    until: text =>
      new Promise((resolve, reject) => {
        const look = () => {
          const at = shown.indexOf(text, seen);
          if (at === -1 && !ended) return;
          waiting.delete(look);
          if (at === -1) return reject(new Error(`"${text}" never appeared in:\n${shown.slice(seen)}`));
          seen = at + text.length;
          resolve();
        };
        waiting.add(look);
        look();
      }),
  };
}
