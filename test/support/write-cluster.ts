import { afterAll, beforeAll } from 'vitest';
import { createProxmoxClient, type ProxmoxClient } from '../../src/proxmox/index.ts';
import { createProxmoxWriter, type ProxmoxWriter } from '../../src/proxmox/operations/index.ts';
import { createSimulator, type Simulator } from '../../src/simulator/index.ts';
import { recorded } from './recorded-writes.ts';

/** Whose writes are sent. */
export const WRITE_TOKEN = 'mcp@pve!write';

/** A simulated cluster without a store: what is sent to it, and who sends and reads. */
export interface WriteCluster {
  sim: Simulator;
  reader: ProxmoxClient;
  writer: ProxmoxWriter;
}

/** A cluster for the tests of a file, whose token may write by these privileges. */
export function writeCluster(privs: string[]): WriteCluster {
  const cluster = {} as WriteCluster;
  beforeAll(async () => {
    const sim = await createSimulator({ nodes: 3, guests: 0 });
    const { url } = await sim.start();
    const tls = { ca: sim.caPem };
    const token = sim.world.addToken(WRITE_TOKEN, [{ path: '/', privs }]);
    cluster.sim = sim;
    cluster.reader = createProxmoxClient({ urls: [url], credentials: { token: sim.tokens.auditor }, tls });
    cluster.writer = createProxmoxWriter({ url, token, tls });
  });
  afterAll(async () => {
    cluster.reader.close();
    cluster.writer.close();
    await cluster.sim.stop();
  });
  return cluster;
}

/** Places guests as they were recorded, whatever was left of them: `vm/100`, and whether it runs. */
export function placeRecorded(sim: Simulator, guests: Readonly<Record<string, boolean>>): void {
  sim.faults.clear();
  for (const [resource, running] of Object.entries(guests)) {
    const [type, vmid] = resource.split('/');
    const config = recorded.guests[resource]!;
    sim.world.placeGuest({ vmid: Number(vmid), type: type === 'vm' ? 'qemu' : 'lxc', config, running });
  }
}
