import type { Route } from '../route.ts';
import { accessRoutes } from './access.ts';
import { agentRoutes } from './agent.ts';
import { backupRoutes } from './backup.ts';
import { clusterRoutes } from './cluster.ts';
import { guestConfigRoutes } from './guest-config.ts';
import { guestRoutes } from './guests.ts';
import { haRoutes } from './ha.ts';
import { nodeRoutes } from './nodes.ts';
import { poolRoutes } from './pools.ts';
import { resourceRoutes } from './resources.ts';
import { rrdRoutes } from './rrd.ts';
import { storageRoutes } from './storage.ts';
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
];
