export { adoptCluster, examineCluster } from './adopt.ts';
export { createDiscovery, type Discovery } from './discovery.ts';
