export { adoptCluster, examineCluster } from './inventory/adopt.ts';
export { createDiscovery, type Discovery } from './service.ts';
