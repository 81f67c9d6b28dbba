import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createSimulator, type Simulator, type SimulatorOptions } from '../../src/simulator/index.ts';
import { lookForSecrets, plantSecret } from './canary.ts';
import { placeStore } from './test-run.ts';

/** The checkout's root. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** The built program. */
export const PROGRAM = join(ROOT, 'dist', 'proxmox-mpc.js');

/** How a run of the program ended. */
export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs the built program with all of its input given at once. */
export type Run = (args: string[], env: NodeJS.ProcessEnv, input?: string) => Promise<Ended>;

/** Environment of a child that knows nothing of this machine's user but a folder of its own. */
export function cleanEnv(home: string, extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const { PATH, TMPDIR } = process.env;
  return { PATH, TMPDIR, HOME: home, XDG_DATA_HOME: join(home, 'data'), TZ: 'UTC', ...extra };
}

/** Starts the built program. */
export function spawnProgram(
  args: string[],
  env: NodeJS.ProcessEnv,
  nodeArgs: string[] = [],
): ChildProcessWithoutNullStreams {
  if (!existsSync(PROGRAM)) throw new Error(`${PROGRAM} is missing: run \`npm run build\` first`);
  return spawn(process.execPath, [...nodeArgs, PROGRAM, ...args], { env, cwd: tmpdir() });
}

/** Arguments of Node.js that run some code in a process before the program. */
export const imported = (code: string): string[] => [
  '--import',
  `data:text/javascript,${encodeURIComponent(code)}`,
];

/** Arguments of Node.js with which a process's clock is so far ahead of this one's (ms). */
export const clockAhead = (ms: number): string[] =>
  ms === 0 ? [] : imported(`const now = Date.now.bind(Date); Date.now = () => now() + ${ms};`);

/** Waits for a child's end and gives all it wrote. */
export async function ended(child: ChildProcessWithoutNullStreams): Promise<Ended> {
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', text => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', text => {
    stderr += text;
  });
  const code = await new Promise<number | null>(resolve => child.on('close', resolve));
  lookForSecrets('stdout', stdout);
  lookForSecrets('stderr', stderr);
  return { code, stdout, stderr };
}

/** Runs the built program with all of its input given at once. */
export function runProgram(
  args: string[],
  env: NodeJS.ProcessEnv,
  input = '',
  nodeArgs: string[] = [],
): Promise<Ended> {
  const child = spawnProgram(args, env, nodeArgs);
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  return ended(child);
}

/** A simulated cluster and the environment with which the program finds it; the store is in a folder of its own. */
export interface World {
  sim: Simulator;
  env: NodeJS.ProcessEnv;
  folder: string;
  close(): Promise<void>;
}

/** Starts a simulated cluster for the program to look at; `close` removes every trace of it. */
export async function startWorld(options: SimulatorOptions = {}): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'proxmox-mpc-e2e-'));
  const sim = await createSimulator({ guests: 12, now: Date.now() - 60_000, realTime: true, ...options });
  const { url } = await sim.start();
  for (const secret of Object.values(sim.tokens)) plantSecret(secret);
  const ca = join(folder, 'ca.pem');
  await writeFile(ca, sim.caPem);
  const env = cleanEnv(folder, { PROXMOX_URL: url, PROXMOX_TOKEN: sim.tokens.full, PROXMOX_CA_FILE: ca });
  // As the program finds it when it is not started for the first time; what it makes of no store is tried where it matters.
  await placeStore(join(env['XDG_DATA_HOME']!, 'proxmox-mpc', 'proxmox-mpc.db'));
  return {
    sim,
    folder,
    env,
    close: async () => {
      await sim.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
