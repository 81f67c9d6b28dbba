export type { DiscoveryRequest } from './context.ts';
export {
  createDiscovery,
  type Discovery,
  type DiscoveryListener,
  type DiscoveryOptions,
  type EnsureRequest,
} from './discovery.ts';
export { ClusterMismatchError } from './errors.ts';
