import { createDiscovery, type Discovery } from '../../src/discovery/index.ts';
import { noLog } from '../../src/log.ts';
import { createProxmoxClient } from '../../src/proxmox/index.ts';
import type { Lab } from './lab.ts';

/** Another process at the same store, with a token of its own. */
export interface Other {
  discovery: Discovery;
  discover(): Promise<unknown>;
  close(): Promise<void>;
}

/** Starts one; `close` it before its lab. */
export function secondToken(lab: Lab, token: string): Other {
  const now = () => lab.sim.clock.now() + lab.skew;
  const client = createProxmoxClient({
    urls: [lab.url],
    credentials: { token },
    tls: { ca: lab.sim.caPem },
    now,
  });
  const discovery = createDiscovery({ store: lab.store, client, log: noLog, configMaxAgeMs: 300_000, now });
  return {
    discovery,
    discover: () =>
      discovery.discover({
        facets: new Set(['inventory', 'config', 'tasks', 'storage']),
        deep: false,
        guests: new Set(),
      }),
    close: async () => {
      await discovery.close();
      client.close();
    },
  };
}
