import { runProgram } from '../src/cli/program.ts';
import { fakeHost } from '../test/support/cli-host.ts';
import { type Lab, startLab } from '../test/support/lab.ts';

/** The place of the sessions in docs/desired-state.md. */
const PLACE = /(<!-- sessions:begin -->\n)[\s\S]*?(<!-- sessions:end -->)/;
/** Thursday, shortly before somebody works on two machines. */
const THURSDAY = Date.parse('2026-11-26T13:00:00Z');
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const WIDTH = 118;

/**
 * The guide with its conversations as the program prints them, on a simulated cluster whose clock advances only where the code
 * says so.
 */
export async function withSessions(guide: string): Promise<string> {
  const lab = await startLab({
    guests: 40,
    now: THURSDAY,
    configMaxAgeMs: 0,
    maxAgeMs: 0,
    writing: {
      approval: 'host',
      policy: { kinds: ['options', 'cpu', 'memory', 'network'], only: null },
    },
  });
  try {
    const sessions = [await whyDifferent(lab), await asItWas(lab), await startOnBoot(lab)];
    return guide.replace(PLACE, (_, begin, end) => `${begin}\n${sessions.join('\n\n')}\n\n${end}`);
  } finally {
    await lab.close();
  }
}

/** One command line with everything it prints; notes about an answer come after it, as in a terminal. */
async function session(lab: Lab, ...argv: string[]): Promise<string> {
  const { host, ran } = fakeHost({});
  host.output.width = WIDTH;
  host.session = async () => ({ runner: lab.runner, close: async () => {} });
  await runProgram(argv, host);
  const words = argv.map(word => (/^[\w.,=:@/-]+$/.test(word) ? word : `"${word}"`));
  const text = [`$ proxmox-mpc ${words.join(' ')}`, `${ran.out}${ran.note}`.trimEnd()].join('\n');
  // The id is random.
  return text.replace(/\bp-[2-9a-z]{5}\b/g, 'p-7f3k9');
}

function conversation(title: string, lines: readonly string[]): string {
  return [`### ${title}`, '', '```', lines.join('\n\n'), '```'].join('\n');
}

const BOB = { user: 'bob@pve' };

async function whyDifferent(lab: Lab): Promise<string> {
  const { world, clock } = lab.sim;
  world.stop(100);
  world.editConfig(100, { memory: 8192 });
  world.editProperty(100, 'net0', 'tag', '20');
  world.start(100);
  await lab.discover({ deep: true });
  const declared = await session(
    lab,
    ...['declare-state', 'web01', '--set', 'memory=8192,net0.tag=20', '--why', 'agreed on Monday'],
  );
  clock.advance(62 * MINUTE);
  await lab.discover({ deep: true });
  world.stop(100, BOB);
  world.editConfig(100, { memory: 4096 }, BOB);
  world.editProperty(100, 'net0', 'tag', '77', BOB);
  world.start(100, BOB);
  clock.advance(3 * MINUTE);
  await lab.discover({ deep: true });
  const accepted = await session(
    lab,
    ...['declare-state', 'web01', '--accept', 'net0.tag=77', '--until', '2026-12-15', '--owner', 'alice'],
    ...['--why', 'lab until mid December'],
  );
  clock.advance(18 * 60 * MINUTE);
  return conversation('Why is web01 different from what I declared?', [
    declared,
    accepted,
    await session(lab, 'drift', 'web01'),
  ]);
}

async function asItWas(lab: Lab): Promise<string> {
  const { world, clock } = lab.sim;
  const [vmid] = world.find({ type: 'qemu', status: 'running', template: false, node: 'pve2' });
  world.stop(vmid!);
  world.editConfig(vmid!, { memory: 8192 });
  world.start(vmid!);
  await lab.discover({ deep: true });
  clock.advance(DAY);
  await lab.discover({ deep: true });
  clock.advance(MINUTE);
  world.editProperty(vmid!, 'net0', 'tag', '30', BOB);
  world.editConfig(vmid!, { memory: 4096 }, BOB);
  clock.advance(20 * MINUTE);
  await lab.discover({ deep: true });
  world.resize(vmid!, 'scsi0', '96G', { user: 'carol@pve' });
  clock.advance(20 * MINUTE);
  const { name } = (await lab.call('get_resource', { resource: `vm/${vmid}` })).resource;
  return conversation('Put it back how it was yesterday', [
    await session(lab, 'plan', '--resource', name, '--to', 'yesterday'),
  ]);
}

async function startOnBoot(lab: Lab): Promise<string> {
  const { world, clock } = lab.sim;
  const on = (node: string) => world.find({ type: 'qemu', template: false, ha: false, node });
  const prod = [...on('pve1').slice(0, 6), ...on('pve2').slice(0, 3), on('pve3')[0]!];
  for (const [at, vmid] of prod.entries()) {
    world.setTags(vmid, ['prod']);
    world.editConfig(vmid, { onboot: at < 5 ? 1 : null });
  }
  await lab.discover({ deep: true });
  world.nodeDown('pve3');
  clock.advance(20 * MINUTE);
  const asked = { tag: 'prod', type: 'vm', set: ['onboot=1'] };
  const { plan } = await lab.call('plan_changes', asked);
  return conversation('Make all prod VMs start on boot', [
    await session(lab, 'plan', '--tag', 'prod', '--type', 'vm', '--set', 'onboot=1'),
    await session(lab, 'apply', plan, '--why', 'after the power cut'),
  ]);
}
