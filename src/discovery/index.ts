export { adoptCluster, examineCluster } from './inventory/adopt.ts';
export { createDiscovery, type Discovery } from './service.ts';
export { createUsageReader } from './usage/read.ts';
