import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createSimulator } from './index.ts';

/** Serves a simulated cluster for trying things by hand: `node src/simulator/serve.ts --port 8006 --nodes 3`. */
const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '8006' },
    seed: { type: 'string', default: '1' },
    nodes: { type: 'string', default: '3' },
    guests: { type: 'string', default: '60' },
    'row-lag': { type: 'string', default: '0' },
    'auth-delay': { type: 'string', default: '3000' },
  },
});

const simulator = await createSimulator({
  seed: Number(values.seed),
  nodes: Number(values.nodes),
  guests: Number(values.guests),
  rowLagMs: Number(values['row-lag']),
  authDelayMs: Number(values['auth-delay']),
  now: Date.now(),
  realTime: true,
});
const { url } = await simulator.start({ port: Number(values.port) });
const caFile = join(mkdtempSync(join(tmpdir(), 'simulated-proxmox-')), 'pve-root-ca.pem');
writeFileSync(caFile, simulator.caPem);

console.log(`Simulated Proxmox VE cluster: ${url}
CA certificate:  ${caFile}
Fingerprint:     ${simulator.fingerprint}
Token:           ${simulator.tokens.full}
Read-only token: ${simulator.tokens.auditor}

export PROXMOX_URL=${url} PROXMOX_CA_FILE=${caFile} PROXMOX_TOKEN='${simulator.tokens.full}'
curl --cacert ${caFile} -H 'Authorization: PVEAPIToken=${simulator.tokens.full}' ${url}/api2/json/cluster/resources

Ctrl-C stops it.`);

process.once('SIGINT', () => {
  void simulator.stop().then(() => process.exit(0));
});
