import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

interface Answer {
  id?: number;
  result?: Record<string, unknown>;
  error?: { message: string };
}

/** A server spoken to over its pipes, with as little in between as possible. */
export interface StdioServer {
  /** From spawn to the answer of `initialize` (ms). */
  startMs: number;
  pid: number;
  request(method: string, params?: object): Promise<Record<string, unknown>>;
  /** A tool's structured answer. @throws its text where it failed. */
  call(tool: string, args?: object): Promise<Record<string, unknown>>;
  stop(): Promise<void>;
}

/** Starts a program and initialises it. */
export async function startServer(
  program: string,
  { args = [], env = {}, execArgv = [] }: { args?: string[]; env?: object; execArgv?: string[] } = {},
): Promise<StdioServer> {
  const started = performance.now();
  const child = spawn(process.execPath, [...execArgv, program, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
  });
  let errors = '';
  child.stderr.on('data', chunk => {
    errors = `${errors}${chunk}`.slice(-2000);
  });
  const waiting = new Map<number, PromiseWithResolvers<Record<string, unknown>>>();
  createInterface({ input: child.stdout }).on('line', line => {
    const answer = JSON.parse(line) as Answer;
    if (answer.id === undefined) return;
    const call = waiting.get(answer.id);
    waiting.delete(answer.id);
    if (answer.error) call?.reject(new Error(answer.error.message));
    else call?.resolve(answer.result ?? {});
  });
  const exited = new Promise<void>(resolve =>
    child.once('exit', () => {
      for (const call of waiting.values()) call.reject(new Error(`${program} ended: ${errors}`));
      resolve();
    }),
  );
  let last = 0;
  const send = (message: object) => child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  const request: StdioServer['request'] = (method, params = {}) => {
    const id = ++last;
    const call = Promise.withResolvers<Record<string, unknown>>();
    waiting.set(id, call);
    send({ id, method, params });
    return call.promise;
  };
  await request('initialize', {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'bench', version: '1.0.0' },
  });
  const startMs = performance.now() - started;
  send({ method: 'notifications/initialized' });
  return {
    startMs,
    pid: child.pid!,
    request,
    call: async (name, args = {}) => {
      const result = await request('tools/call', { name, arguments: args });
      if (result['isError']) throw new Error((result['content'] as { text: string }[])[0]!.text);
      return (result['structuredContent'] ?? {}) as Record<string, unknown>;
    },
    stop: async () => {
      child.stdin.end();
      await exited;
    },
  };
}
