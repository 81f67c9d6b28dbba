import { fork } from 'node:child_process';

type Handlers = { [task: string]: (args: never) => unknown };

interface Question {
  task: string;
  args: unknown;
}
type Answer = { result: unknown } | { error: string };

/** A process of the benchmarks' own: what it costs is counted apart. */
export interface Child {
  pid: number;
  /** Has a task done there. One at a time. */
  ask<T>(task: string, args?: unknown): Promise<T>;
  stop(): Promise<void>;
}

/** Starts a program that calls `serveTasks`. */
export function startChild(program: string, options: { execArgv?: string[]; args?: string[] } = {}): Child {
  const child = fork(program, options.args ?? [], {
    execArgv: options.execArgv ?? [],
    serialization: 'advanced',
  });
  const exited = new Promise<void>(resolve => child.once('exit', () => resolve()));
  return {
    pid: child.pid!,
    ask: <T>(task: string, args: unknown = {}) =>
      new Promise<T>((resolve, reject) => {
        const died = (code: number | null, signal: string | null) =>
          reject(new Error(`the process of ${task} ended with ${signal ?? code}`));
        child.once('exit', died);
        child.once('message', (answer: Answer) => {
          child.off('exit', died);
          if ('error' in answer) reject(new Error(answer.error));
          else resolve(answer.result as T);
        });
        child.send({ task, args } satisfies Question);
      }),
    stop: async () => {
      if (child.connected) child.disconnect();
      await exited;
    },
  };
}

/** In the process started: answers tasks until its parent lets go of it. */
export function serveTasks(handlers: Handlers): void {
  process.on('message', async ({ task, args }: Question) => {
    let answer: Answer;
    try {
      answer = { result: await handlers[task]!(args as never) };
    } catch (error) {
      answer = { error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    }
    process.send?.(answer);
  });
  process.once('disconnect', () => process.exit(0));
}
