import { createInterface } from 'node:readline';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { CallToolRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import Database from 'better-sqlite3';

/*
 * `list_vms` as somebody would write it by hand: one prepared statement, the first 50 rows, the same facts.
 * `bare` speaks JSON-RPC without an SDK; `sdk` uses the SDK's server.
 */
const [mode = 'bare', path = ''] = process.argv.slice(2);
const database = new Database(path, { readonly: true });
const page = database.prepare(
  'SELECT id, name, node_id, status, cpu_cores, memory_bytes, disk_size, tags, template, pool, lock_status, ha_state FROM vms ORDER BY id LIMIT 50',
);
const count = database.prepare('SELECT count(*) FROM vms').pluck();
const gib = (bytes: unknown) => Math.round((Number(bytes) / 2 ** 30) * 100) / 100;

function listVms() {
  const vms = (page.all() as Record<string, unknown>[]).map(row => ({
    vmid: row['id'],
    name: row['name'],
    node: row['node_id'],
    status: row['status'],
    cpus: row['cpu_cores'],
    memory_gib: gib(row['memory_bytes']),
    boot_disk_gib: gib(row['disk_size']),
    ...(row['tags'] !== '[]' && { tags: JSON.parse(String(row['tags'])) as unknown }),
    ...(row['template'] === 1 && { template: true }),
    ...(row['pool'] !== null && { pool: row['pool'] }),
    ...(row['lock_status'] !== null && { lock: row['lock_status'] }),
    ...(row['ha_state'] !== null && { ha: row['ha_state'] }),
  }));
  const structuredContent = { vms, total: count.get() };
  return { content: [{ type: 'text' as const, text: JSON.stringify(structuredContent) }], structuredContent };
}

if (mode === 'sdk') {
  const server = new Server({ name: 'by-hand', version: '1.0.0' }, { capabilities: { tools: {} } });
  server.setRequestHandler(CallToolRequestSchema, listVms);
  await server.connect(new StdioServerTransport());
} else {
  const initialized = {
    protocolVersion: '2025-11-25',
    capabilities: { tools: {} },
    serverInfo: { name: 'by-hand', version: '1.0.0' },
  };
  createInterface({ input: process.stdin }).on('line', line => {
    const { id, method } = JSON.parse(line) as { id?: number; method: string };
    if (id === undefined) return;
    const result = method === 'initialize' ? initialized : method === 'tools/call' ? listVms() : {};
    process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, result })}\n`);
  });
}
