import { afterAll, beforeAll, expect, test } from 'vitest';
import { runProgram, startWorld, type World } from '../support/program.ts';
import { runHere } from '../support/program-here.ts';
import { answerIn } from '../support/rpc.ts';

let world: World;
let vmid: number;
/** The tag that differs from what is declared; another each time a test is tried. */
let tag = 76;
beforeAll(async () => {
  world = await startWorld();
  vmid = world.sim.world.find({ type: 'qemu', status: 'running', template: false })[0]!;
});
afterAll(() => world.close());

const run = (...args: string[]) => runHere(args, world.env);
const drift = (...args: string[]) => run('drift', '--max-age-seconds', '0', ...args);

test('drift exits with 0 where all is as declared, with 2 where something is not, with 1 where nobody can tell', async () => {
  tag += 1;
  await run('declare-state', '--resource', `vm/${vmid}`, '--like', 'now', '--fields', 'memory,net0.tag');
  const none = await drift();
  expect(none.code, none.stderr).toBe(0);
  expect(none.stderr).toMatch(/The one resource that rules of revision \d+ are about is as declared\./);
  world.sim.world.editProperty(vmid, 'net0', 'tag', String(tag), { user: 'bob@pve' });
  const some = await runProgram(['drift', '--max-age-seconds', '0'], world.env);
  expect(some.code).toBe(2);
  expect(some.stdout).toMatch(new RegExp(`vm/${vmid} .*drifted  config.net0.tag \\d+ -> ${tag} +by bob@pve`));
  const one = await drift(`vm/${vmid}`, '--json');
  expect(one.code).toBe(2);
  const [row] = answerIn('diff_state', one.stdout).changes;
  expect(row).toMatchObject({ resource: `vm/${vmid}`, change: 'drifted', causes: [{ user: 'bob@pve' }] });
  expect(row!.fields).toMatchObject([
    { path: 'config.net0.tag', to: tag, state: 'drifted', rule: `vm/${vmid}` },
  ]);
  const unknown = await drift('no-such-guest');
  expect(unknown.code).toBe(1);
  expect(unknown.stderr).toContain('no-such-guest');
  // What a script reads as a difference is one.
  expect((await run('drift', '--bogus')).code).toBe(1);
  expect((await run('--url', 'no url', 'drift')).code).toBe(1);
  expect((await run('get-resource', 'drift', '--bogus')).code).toBe(2);
});

test('a plan is a table: what, from, to, its effect, and whose work it takes back; then a line to run', async () => {
  const { code, stdout, stderr } = await run('plan', '--resource', `vm/${vmid}`);
  expect(code, stderr).toBe(0);
  const [head = '', , columns = '', step = '', ...rest] = stdout.split('\n');
  expect(head).toMatch(/^p-[2-9a-z]{5}, until 20/);
  expect(columns).toMatch(/^RESOURCE +NAME +FIELD +FROM +TO +EFFECT +IS SO BY$/);
  expect(step).toMatch(
    new RegExp(`^vm/${vmid} .* net0.tag +${tag} +\\d+ +now, link drops briefly +bob@pve, 20\\d\\d-`),
  );
  expect(rest.join('\n')).toMatch(new RegExp(`\\n {2}qm set ${vmid} --net0 \\S+ {2}# on pve\\d$`, 'm'));
  const left = await run('plan', '--resource', `vm/${vmid}`, '--set', 'scsi0.size=1G');
  expect(left.stdout).toMatch(/^Nothing to do\.$/m);
  expect(left.stdout).toMatch(/^Left out\n {2}vm\/\d+ scsi0\.size: disks are not resized/m);
});

test('what is accepted for a while is shown, and no difference', async () => {
  await run(
    'declare-state',
    '--resource',
    `vm/${vmid}`,
    '--accept',
    `net0.tag=${tag}`,
    '--until',
    '2099-01-01',
  );
  const { code, stdout } = await drift();
  expect(code).toBe(0);
  expect(stdout).toContain('accepted by');
  const past = await run(
    'declare-state',
    '--resource',
    `vm/${vmid}`,
    '--accept',
    'memory=1',
    '--until',
    '2020-01-01',
  );
  expect(past.code).toBe(1);
  expect(past.stderr).toContain('in the past');
});
