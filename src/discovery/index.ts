export type { DiscoveryRequest } from './context.ts';
export {
  createDiscovery,
  type Discovery,
  type DiscoveryOptions,
  type EnsureRequest,
} from './discovery.ts';
export { ClusterMismatchError } from './errors.ts';
export type { DiscoveryListener } from './events.ts';
