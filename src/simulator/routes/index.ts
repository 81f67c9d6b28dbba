import type { Route } from '../route.ts';
import { accessRoutes } from './access.ts';
import { agentRoutes } from './agent.ts';
import { backupRoutes } from './backup.ts';
import { clusterRoutes } from './cluster.ts';
import { clusterWriteRoutes } from './cluster-writes.ts';
import { configWriteRoutes } from './config-writes.ts';
import { firewallRoutes } from './firewall.ts';
import { guestConfigRoutes } from './guest-config.ts';
import { guestLifeRoutes } from './guest-lives.ts';
import { guestRoutes } from './guests.ts';
import { haRoutes } from './ha.ts';
import { haWriteRoutes } from './ha-writes.ts';
import { migrateRoutes } from './migrate.ts';
import { nodeRoutes } from './nodes.ts';
import { poolWriteRoutes } from './pool-writes.ts';
import { poolRoutes } from './pools.ts';
import { powerRoutes } from './power.ts';
import { resizeRoutes } from './resize.ts';
import { resourceRoutes } from './resources.ts';
import { rrdRoutes } from './rrd.ts';
import { snapshotWriteRoutes } from './snapshot-writes.ts';
import { storageRoutes } from './storage.ts';
import { storageWriteRoutes } from './storage-writes.ts';
import { taskRoutes } from './tasks.ts';

/** Every endpoint the simulator serves. */
export const routes: readonly Route[] = [
  ...accessRoutes,
  ...resourceRoutes,
  ...clusterRoutes,
  ...haRoutes,
  ...backupRoutes,
  ...nodeRoutes,
  ...storageRoutes,
  ...taskRoutes,
  ...guestRoutes,
  ...guestConfigRoutes,
  ...agentRoutes,
  ...rrdRoutes,
  ...poolRoutes,
  ...firewallRoutes,
  ...configWriteRoutes,
  ...powerRoutes,
  ...snapshotWriteRoutes,
  ...migrateRoutes,
  ...resizeRoutes,
  ...guestLifeRoutes,
  ...poolWriteRoutes,
  ...haWriteRoutes,
  ...storageWriteRoutes,
  ...clusterWriteRoutes,
];
