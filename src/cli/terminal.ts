import { type Readable, Writable } from 'node:stream';
import { UsageError } from '../errors.ts';

/** A person at a terminal. Questions go to stderr: stdout is for the output. */
export interface Terminal {
  /** The answer, trimmed. @throws UsageError if the person gives up. */
  ask(question: string): Promise<string>;
  /** The answer if it comes within `ms` milliseconds, otherwise null. @throws UsageError if the person gives up. */
  askWithin(question: string, ms: number): Promise<string | null>;
  /** Whether messages on stderr are seen there, too. */
  readonly seen: boolean;
  /** The same without showing what is typed. */
  askSecret(question: string): Promise<string>;
}

interface Streams {
  stdin: Readable & { isTTY?: boolean };
  stderr: Writable & { isTTY?: boolean };
}

/** The terminal these streams are; null if the input comes from elsewhere. */
export function ownTerminal(streams: Streams): Terminal | null {
  if (!streams.stdin.isTTY) return null;
  return {
    ask: question => answer(streams, question, true),
    askWithin: (question, ms) => answer(streams, question, true, AbortSignal.timeout(ms)).catch(unlessLate),
    seen: streams.stderr.isTTY === true,
    askSecret: question => answer(streams, question, false),
  };
}

function unlessLate(error: unknown): null {
  if (error instanceof Late) return null;
  throw error;
}

class Late extends Error {}

async function answer(
  { stdin, stderr }: Streams,
  question: string,
  echo: boolean,
  until?: AbortSignal,
): Promise<string> {
  const { createInterface } = await import('node:readline');
  const silence = new Writable({ write: (_chunk, _encoding, done) => done() });
  const line = createInterface({
    input: stdin,
    output: echo ? stderr : silence,
    terminal: true,
  });
  return new Promise<string>((resolve, reject) => {
    until?.addEventListener('abort', () => {
      reject(new Late());
      line.close();
      stderr.write('\n');
    });
    line.on('close', () => reject(new UsageError('Nothing was done.')));
    line.on('SIGINT', () => line.close());
    if (!echo) stderr.write(question);
    line.question(echo ? question : '', text => {
      resolve(text.trim());
      line.close();
      if (!echo) stderr.write('\n');
    });
  });
}
