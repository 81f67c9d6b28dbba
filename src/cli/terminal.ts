import { Writable } from 'node:stream';
import { UsageError } from '../errors.ts';

/** A person at a terminal. Questions go to stderr: stdout is for what was asked for. */
export interface Terminal {
  /** The answer, trimmed. @throws UsageError when the person gives up. */
  ask(question: string): Promise<string>;
  /** The same without showing what is typed. */
  askSecret(question: string): Promise<string>;
}

/** The terminal this process was started in; null where its input comes from elsewhere. */
export function ownTerminal(): Terminal | null {
  if (!process.stdin.isTTY) return null;
  return { ask: question => answer(question, true), askSecret: question => answer(question, false) };
}

async function answer(question: string, echo: boolean): Promise<string> {
  const { createInterface } = await import('node:readline');
  const silence = new Writable({ write: (_chunk, _encoding, done) => done() });
  const line = createInterface({
    input: process.stdin,
    output: echo ? process.stderr : silence,
    terminal: true,
  });
  return new Promise<string>((resolve, reject) => {
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
