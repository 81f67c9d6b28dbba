import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { styleText } from 'node:util';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { getDefaultEnvironment, StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import type { Answer, Change } from '../test/support/answer.ts';

/*
 * The main job, shown: the real server over stdio, on a simulated cluster whose day passes first. This program is only
 * an MCP client; all it prints came over the protocol, but for the server's own lines about the day.
 */

const root = fileURLToPath(new URL('..', import.meta.url));
const program = resolve(root, 'dist/proxmox-mpc.js');
const started = Date.now();

const transport = new StdioClientTransport({
  command: process.execPath,
  args: [program, 'serve', '--demo'],
  env: { ...getDefaultEnvironment(), PROXMOX_MPC_DEMO_DAY: 'played' },
  stderr: 'pipe',
});
const client = new Client({ name: 'demo', version: '1.0.0' });

heading('A simulated day passes: 3 nodes, 60 guests, the real server watching');
let pending = '';
transport.stderr?.on('data', (chunk: Buffer) => {
  pending += chunk.toString('utf8');
  const lines = pending.split('\n');
  pending = lines.pop()!;
  for (const line of lines) showServerLine(line);
});
await client.connect(transport);
const call = async <Tool extends string>(name: Tool, args: object = {}): Promise<Answer<Tool>> => {
  const request = { name, arguments: { ...args } };
  const result = await client.callTool(request, undefined, { timeout: 120_000 });
  if (result.isError) throw new Error((result.content as { text: string }[])[0]!.text);
  return result.structuredContent as Answer<Tool>;
};

const status = await call('get_cluster_status');
heading('get_cluster_status: the cluster now');
console.log(
  `  ${bold(status.name)}, ${status.quorate ? 'quorate' : 'no quorum'}, PVE ${status.versions?.join(', ')}`,
);
console.log(
  `  nodes ${counts(status.nodes)} · VMs ${counts(status.vms)} · containers ${counts(status.containers)}`,
);
const totals = status.totals;
console.log(
  `  cpu ${totals.cpu_percent} % of ${totals.cpus} · memory ${totals.memory_percent} % of ${totals.memory_gib} GiB · storage ${totals.storage_percent} % of ${totals.storage_gib} GiB`,
);
for (const { what, why } of status.attention.slice(0, 6)) console.log(`  ! ${what}: ${why}`);

const vms = await call('list_vms', { sort: 'memory', order: 'desc', limit: 6, status: 'running' });
heading('list_vms {"status":"running","sort":"memory","order":"desc","limit":6}');
for (const vm of vms.vms) {
  console.log(
    `  ${pad(vm.vmid, 5)}${pad(vm.name ?? '-', 16)}${pad(vm.node, 7)}${pad(vm.status, 9)}${pad(`${vm.cpus} cpu`, 8)}${pad(`${vm.memory_gib} GiB`, 9)}${(vm.tags ?? []).join(' ')}`,
  );
}
console.log(dim(`  ${vms.total} in all, as of ${vms.as_of} (${vms.source})`));

const diff = await call('diff_state', { from: 'run:1', limit: 100 });
heading('diff_state {"from":"run:1"}: what changed since the morning, and who did it');
const [restarts, others] = partition(diff.changes.toReversed(), isRestart);
for (const change of others.slice(0, 30)) printChange(change);
if (restarts.length > 0)
  console.log(
    `  ${restarts.length} more guests were only restarted: ${restarts
      .slice(0, 4)
      .map(change => change.name)
      .join(', ')} ...`,
  );
console.log(
  dim(`  ${diff.total} changes from ${diff.from} to ${diff.to}; ask again with from = ${diff.next_from}`),
);

const busiest = mostChanged(diff.changes);
const history = await call('show_history', { resource: busiest, limit: 14 });
heading(`show_history {"resource":"${busiest}"}: one machine's story, newest first`);
for (const entry of history.history) {
  if (entry.task)
    console.log(dim(`  ${clock(entry.at)}  task      ${entry.type} by ${entry.user}: ${entry.status}`));
  else printChange(entry);
}

const moved = diff.changes.find(
  change =>
    change.change === 'updated' &&
    field(change, 'config.net0.tag') !== undefined &&
    change.causes?.length > 0,
);
if (moved !== undefined) {
  const asked = {
    resource: moved.resource,
    like: 'run:1',
    fields: ['net0.tag'],
    why: 'as it was in the morning',
  };
  const declared = await call('declare_state', asked);
  heading(`declare_state ${JSON.stringify(asked)}`);
  for (const rule of declared.rules)
    console.log(`  ${rule.id}: ${JSON.stringify(rule.fields)} (revision ${declared.revision})`);
  heading('diff_state {"from":"declared"}: what is not as declared, and who did that');
  for (const change of (await call('diff_state', { from: 'declared' })).changes) printChange(change);
  heading(`plan_changes {"resource":"${moved.resource}"}: what would put it right`);
  const plan = await call('plan_changes', { resource: moved.resource });
  for (const step of plan.steps)
    console.log(`  ${step.resource}  ${step.path}: ${show(step.from)} -> ${show(step.to)}  (${step.effect})`);
  for (const line of plan.commands ?? []) console.log(dim(`  $ ${line}`));
}
await client.close();

heading('Try it yourself, without a Proxmox at hand (--demo)');
const entry = { command: process.execPath, args: [program, 'serve', '--demo'] };
console.log('  Claude Desktop, in claude_desktop_config.json; Cursor, in ~/.cursor/mcp.json:');
console.log(indent(JSON.stringify({ mcpServers: { proxmox: entry } }, null, 2)));
console.log('  VS Code, in .vscode/mcp.json:');
console.log(indent(JSON.stringify({ servers: { proxmox: { type: 'stdio', ...entry } } }, null, 2)));
console.log('  Claude Code:');
console.log(`    claude mcp add-json proxmox '${JSON.stringify({ type: 'stdio', ...entry })}'`);
console.log('  On the command line:');
console.log('    npx proxmox-mpc diff-state --demo --from run:1');
console.log(
  dim(
    `\n  Done in ${Math.round((Date.now() - started) / 1000)} s. For your own cluster see "Your own cluster" in README.md.`,
  ),
);

/** The server logs the day step by step; other lines only if something is wrong. */
function showServerLine(line: string): void {
  const [, level, text] = /^\S+ (\w+) (.*)$/.exec(line) ?? [];
  if (level !== 'info') console.log(line);
  else if (/^\d\d:\d\d /.test(text!)) console.log(dim(`  ${text}`));
}

function printChange(change: Change): void {
  const fields = change.fields ?? [];
  const who = [...new Set((change.causes ?? []).map(cause => `${cause.user} (${cause.type})`))].join(', ');
  const name = `${change.resource}${change.name ? ` ${change.name}` : ''}`;
  console.log(
    `  ${clock(change.at)}  ${pad(change.change, 12)}${bold(name)}${who === '' ? '' : dim(`  by ${who}`)}`,
  );
  for (const field of fields.slice(0, 4))
    console.log(`           ${field.path}: ${show(field.from)} -> ${show(field.to)}`);
  if (fields.length > 4) console.log(dim(`           and ${fields.length - 4} more fields`));
}

function field(change: Change, path: string): object | undefined {
  return (change.fields ?? []).find(one => one.path === path);
}

/** Whether only the time of the last start changed: the guests of a lost node would otherwise fill the screen. */
function isRestart(change: Change): boolean {
  return (
    !change.resource.startsWith('node/') &&
    change.fields?.length === 1 &&
    change.fields[0]!.path === 'started_at'
  );
}

function partition<T>(all: T[], test: (one: T) => boolean): [T[], T[]] {
  return [all.filter(test), all.filter(one => !test(one))];
}

/** The guest with the most changed fields makes the best story. */
function mostChanged(changes: Change[]): string {
  const guests = changes.filter(
    change => change.change === 'updated' && /^(?:vm|container)\//.test(change.resource),
  );
  return (
    guests.toSorted((a, b) => (b.fields?.length ?? 0) - (a.fields?.length ?? 0))[0]?.resource ?? 'vm/101'
  );
}

function counts({ total, ...rest }: { total: number; [kind: string]: number }): string {
  return `${total} (${Object.entries(rest)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ')})`;
}
function show(value: unknown): string {
  return value === null || value === undefined
    ? '(none)'
    : typeof value === 'string'
      ? value
      : JSON.stringify(value);
}
function clock(at: string): string {
  return at.slice(11, 16);
}
function pad(value: unknown, width: number): string {
  return String(value).padEnd(width);
}
function indent(text: string): string {
  return text.replace(/^/gm, '    ');
}
function heading(text: string): void {
  console.log(`\n${styleText(['bold', 'cyan'], text)}`);
}
function bold(text: string): string {
  return styleText('bold', text);
}
function dim(text: string): string {
  return styleText('dim', text);
}
