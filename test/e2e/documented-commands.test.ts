import { execFileSync, spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tools } from '../../tools/index.ts';
import { documentedCommands, missingOf, trialOf } from '../support/documented-commands.ts';
import { cleanEnv, ended, ROOT, startWorld, type World } from '../support/program.ts';
import { runHere } from '../support/program-here.ts';

/*
 * Every command in the README and the documents, tried in a copy of the checkout as it would be cloned: with what is built,
 * and with the packages of this one. The first line of each command, tools being one command, and each that needs a shell, starts a
 * process; the program answers further ones in this one. Commands that start others (npm run ...) are looked at, not run: they are minutes
 * long.
 */

const LEFT_OUT = /^(?:node_modules|\.git|dist|bundle|coverage|tmp)(?:\/|$)/;
/** Commands that one and the same code makes of tools. */
const TOOLS = new Set(
  tools.map(({ name }) => name.replaceAll('_', '-')).filter(name => name !== 'apply-plan'),
);
/** Programs at once. */
const AT_ONCE = 3;

let world: World;
let clone: string;
let env: NodeJS.ProcessEnv;
beforeAll(async () => {
  world = await startWorld({ guests: 60, clusterName: 'documented' });
  clone = await mkdtemp(join(tmpdir(), 'proxmox-mpc-clone-'));
  await cp(ROOT, clone, {
    recursive: true,
    filter: source => !LEFT_OUT.test(relative(ROOT, source)),
  });
  await cp(join(ROOT, 'dist'), join(clone, 'dist'), { recursive: true });
  await symlink(join(ROOT, 'node_modules'), join(clone, 'node_modules'));
  const bin = join(clone, 'tmp-bin');
  await mkdir(bin);
  // What `npm install` and `npx` put on the path.
  const program = `#!/bin/sh\nexec '${process.execPath}' '${join(clone, 'dist/proxmox-mpc.js')}' "$@"\n`;
  await writeFile(join(bin, 'proxmox-mpc'), program, { mode: 0o755 });
  await writeFile(join(bin, 'npx'), '#!/bin/sh\nexec "$@"\n', { mode: 0o755 });
  const { PROXMOX_URL, PROXMOX_TOKEN, PROXMOX_CA_FILE } = world.env;
  env = cleanEnv(clone, {
    PATH: `${bin}:/usr/bin:/bin`,
    PROXMOX_URL,
    PROXMOX_TOKEN,
    PROXMOX_CA_FILE,
    PROXMOX_MPC_MAX_AGE: '3600',
    PROXMOX_MPC_CONFIG_MAX_AGE: '3600',
  });
  await run('proxmox-mpc discover');
});
afterAll(async () => {
  await world.close();
  await rm(clone, { recursive: true, force: true });
});

let watched = 0;

interface Tried {
  code: number | null;
  said: string;
}

/** What a document writes for a person's own cluster stands for the one here. */
function shellOf(command: string): string {
  const own = command.replace(/--url https:\S+/, '');
  const line = own.replace(/PROXMOX_(?:TOKEN_ID|TOKEN_SECRET_FILE|CA_FILE|URL)=\S+ */g, '');
  // Named without what it is about: that there is such a command is all it says.
  return / approve$/.test(line) ? `${line} --help` : line;
}

async function run(command: string): Promise<Tried> {
  const shell = shellOf(command);
  const watches = / watch/.test(command);
  // With a store of its own it looks at once.
  const more = watches ? { XDG_DATA_HOME: join(clone, `watched-${watched++}`) } : {};
  const line = watches ? `exec ${shell}` : `( ${shell} )`;
  const child = spawn('bash', ['-c', `${line} </dev/null`], { cwd: clone, env: { ...env, ...more } });
  const end = ended(child);
  // It goes on until it is stopped.
  if (watches)
    child.stderr.on('data', text => String(text).includes('info discovered') && child.kill('SIGTERM'));
  const { code, stdout, stderr } = await end;
  return { code, said: stdout + stderr };
}

/** The same without a process, where the shell only splits words. */
async function runInClone(words: string[]): Promise<Tried> {
  const { code, stdout, stderr } = await runHere(words, env, '', clone);
  return { code, said: stdout + stderr };
}

const PROGRAM_AND = /^(?:npx )?proxmox-mpc(?= [\w\s"'!=:,.+/-]*$)/;

/** The words of each command line, without what starts the program; none where a shell does more than split them. */
function wordsOf(commands: string[]): string[][] {
  const plain = (command: string) => PROGRAM_AND.test(command) && !command.includes('--out ');
  const lines = commands.map(command =>
    plain(command) ? shellOf(command).replace(PROGRAM_AND, 'words') : 'echo',
  );
  const split = [`words() { printf '%s\\t' "$@"; echo; }`, ...lines].join('\n');
  const out = execFileSync('bash', ['--norc', '-c', split], { encoding: 'utf8' });
  return out
    .split('\n')
    .slice(0, -1)
    .map(line => line.split('\t').slice(0, -1));
}

test('every documented command is tried, and does what its document has it do', async () => {
  const all = documentedCommands(ROOT);
  expect(all.length).toBeGreaterThan(60);
  const faults: string[] = [];
  const tried = { run: 0, starts: 0, elsewhere: 0 };
  const words = wordsOf(all.map(({ command }) => command));
  const started = new Set<string>();
  const queue = all.map((one, at) => ({ ...one, words: words[at]! }));
  const work = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const { command, document, words } = next;
      const trial = trialOf(command, clone);
      if (trial === undefined) faults.push(`${document}: nobody has said how to try: ${command}`);
      else if ('elsewhere' in trial) tried.elsewhere += 1;
      else if ('starts' in trial) {
        tried.starts += 1;
        for (const file of missingOf(trial.starts, clone))
          faults.push(`${document}: ${command}: ${file} is missing`);
      } else {
        tried.run += 1;
        const [first = ''] = words;
        const name = TOOLS.has(first) ? 'a tool' : words.slice(0, first === 'db' ? 2 : 1).join(' ');
        const again = !['', 'watch'].includes(name) && started.has(name);
        started.add(name);
        const { code, said } = again ? await runInClone(words) : await run(command);
        // Whatever a cluster makes of it: the command line itself was understood.
        const refused = /^error: |no argument "|unknown option/m.test(said);
        if (!trial.codes.includes(code ?? -1) || refused)
          faults.push(`${document}: ${command}: exit code ${code}: ${said.slice(0, 400)}`);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  expect(faults).toEqual([]);
  expect(tried.run).toBeGreaterThan(25);
  expect(tried.elsewhere).toBeLessThan(15);
});
