import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { documentedCommands, missingOf, trialOf } from '../support/documented-commands.ts';
import { cleanEnv, ROOT, startWorld, type World } from '../support/program.ts';

/*
 * Every command in the README and the documents, tried in a copy of the checkout as it would be cloned: with what is built,
 * and with the packages of this one. Commands that start others (npm run ...) are looked at, not run: they are minutes long.
 */

const LEFT_OUT = /^(?:node_modules|\.git|dist|bundle|coverage|tmp)(?:\/|$)/;
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
  env = cleanEnv(clone, { PATH: `${bin}:/usr/bin:/bin`, PROXMOX_URL, PROXMOX_TOKEN, PROXMOX_CA_FILE });
  await run('proxmox-mpc discover');
});
afterAll(async () => {
  await world.close();
  await rm(clone, { recursive: true, force: true });
});

async function run(command: string): Promise<{ code: number; said: string }> {
  // Named without what it is about: that there is such a command is all it says.
  if (/ approve$/.test(command)) return run(`${command} --help`);
  const line = / watch/.test(command) ? `timeout 3 ${command.replace(/^npx /, '')}` : command;
  // What a document writes for a person's own cluster stands for the one here.
  const [own, url] = [line.replace(/--url https:\S+/, ''), world.env['PROXMOX_URL']];
  const shell = own.replace(/PROXMOX_(?:TOKEN_ID|TOKEN_SECRET_FILE|CA_FILE|URL)=\S+ */g, '');
  const options = { cwd: clone, env: { ...env, PROXMOX_URL: url }, timeout: 120_000 };
  try {
    const { stdout, stderr } = await promisify(execFile)('bash', ['-c', `( ${shell} ) </dev/null`], options);
    return { code: 0, said: stdout + stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, said: stdout + stderr };
  }
}

test('every documented command is tried, and does what its document has it do', async () => {
  const all = documentedCommands(ROOT);
  expect(all.length).toBeGreaterThan(60);
  const faults: string[] = [];
  const tried = { run: 0, starts: 0, elsewhere: 0 };
  const queue = [...all];
  const work = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const { command, document } = next;
      const trial = trialOf(command, clone);
      if (trial === undefined) faults.push(`${document}: nobody has said how to try: ${command}`);
      else if ('elsewhere' in trial) tried.elsewhere += 1;
      else if ('starts' in trial) {
        tried.starts += 1;
        for (const file of missingOf(trial.starts, clone))
          faults.push(`${document}: ${command}: ${file} is missing`);
      } else {
        tried.run += 1;
        const { code, said } = await run(command);
        // Whatever a cluster makes of it: the command line itself was understood.
        const refused = /^error: |no argument "|unknown option/m.test(said);
        if (!trial.codes.includes(code) || refused)
          faults.push(`${document}: ${command}: exit code ${code}: ${said.slice(0, 400)}`);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  expect(faults).toEqual([]);
  expect(tried.run).toBeGreaterThan(25);
  expect(tried.elsewhere).toBeLessThan(15);
});
