import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import type { start } from '../../src/app/start.ts';
import { lookForSecrets } from './canary.ts';
import { type Ended, ROOT } from './program.ts';

/*
 * The built program without a process of its own: a tenth of the time. What a process alone has is not to be seen here:
 * pipes, signals, a terminal, how it ends, `~` of another home, paths relative to another folder. So each command is started
 * as a process somewhere, and what is asked of it beyond that is asked here.
 */

/** Runs the built program of this checkout, or of another, with all of its input given at once. */
export async function runHere(
  args: string[],
  env: NodeJS.ProcessEnv,
  input = '',
  root = ROOT,
): Promise<Ended> {
  const stdout = new Sink();
  const stderr = new Sink();
  const start = await programOf(root);
  const code = await start(args, root, {
    env,
    stdin: Readable.from([Buffer.from(input)]),
    stdout,
    stderr,
    survive: () => {},
    untilSignal: () => new AbortController().signal,
    keepHeapSmall: async () => {},
    exit: code => {
      throw new Error(`the program would have ended at once with ${code}`);
    },
  });
  lookForSecrets('stdout', stdout.text());
  lookForSecrets('stderr', stderr.text());
  return { code, stdout: stdout.text(), stderr: stderr.text() };
}

/** What `dist/proxmox-mpc.js` starts once it has looked at the version of Node.js. */
async function programOf(root: string): Promise<typeof start> {
  const chunks = join(root, 'dist', 'chunks');
  const [chunk, ...more] = readdirSync(chunks).filter(name => name.startsWith('start-'));
  if (chunk === undefined || more.length > 0)
    throw new Error(`${chunks} holds no program: run \`npm run build\` first`);
  return (await import(pathToFileURL(join(chunks, chunk)).href)).start;
}

class Sink extends Writable {
  readonly #chunks: Buffer[] = [];

  text(): string {
    return Buffer.concat(this.#chunks).toString();
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#chunks.push(chunk);
    done();
  }
}
