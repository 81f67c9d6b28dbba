import { Writable } from 'node:stream';
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

/** The terminal this process was started in; null if its input comes from elsewhere. */
export function ownTerminal(): Terminal | null {
  if (!process.stdin.isTTY) return null;
  return {
    ask: question => answer(question, true),
    askWithin: (question, ms) => answer(question, true, AbortSignal.timeout(ms)).catch(unlessLate),
    seen: process.stderr.isTTY === true,
    askSecret: question => answer(question, false),
  };
}

function unlessLate(error: unknown): null {
  if (error instanceof Late) return null;
  throw error;
}

class Late extends Error {}

async function answer(question: string, echo: boolean, until?: AbortSignal): Promise<string> {
  const { createInterface } = await import('node:readline');
  const silence = new Writable({ write: (_chunk, _encoding, done) => done() });
  const line = createInterface({
    input: process.stdin,
    output: echo ? process.stderr : silence,
    terminal: true,
  });
  return new Promise<string>((resolve, reject) => {
    until?.addEventListener('abort', () => {
      reject(new Late());
      line.close();
      process.stderr.write('\n');
    });
    line.on('close', () => reject(new UsageError('Nothing was done.')));
    line.on('SIGINT', () => line.close());
    if (!echo) process.stderr.write(question);
    line.question(echo ? question : '', text => {
      resolve(text.trim());
      line.close();
      if (!echo) process.stderr.write('\n');
    });
  });
}
