import type { UsageMetric, UsageSubject } from '../../model/usage.ts';
import { USAGE_METRICS } from '../../model/usage.ts';

/** How a metric is shown: what one of its unit is in Proxmox's own, and what it is of. */
export interface Shown {
  unit: '%' | 'GiB' | 'MiB/s';
  perUnit: number;
  /** In words, where the name leaves it open. */
  of: string | null;
  /** It fills up: when, is worth asking. */
  fills: boolean;
}

const cpu: Shown = { unit: '%', perUnit: 0.01, of: null, fills: false };
const memory: Shown = { unit: 'GiB', perUnit: 1024 ** 3, of: null, fills: false };
const network: Shown = { unit: 'MiB/s', perUnit: 1024 ** 2, of: 'in and out', fills: false };
const io: Shown = { unit: 'MiB/s', perUnit: 1024 ** 2, of: 'read and written', fills: false };
const space: Shown = { unit: 'GiB', perUnit: 1024 ** 3, of: null, fills: true };
const root: Shown = { ...space, of: 'root file system' };

const SHOWN: { [type in UsageSubject['type']]: { [metric in UsageMetric]?: Shown } } = {
  vm: { cpu, memory, disk: io, network },
  container: { cpu, memory, disk: io, network, storage: root },
  node: { cpu, memory: { ...memory, fills: true }, disk: root, network, storage: root },
  storage: { storage: space },
};

/** How a metric of this type is shown; undefined where it has none. */
export function shownAs(type: UsageSubject['type'], metric: UsageMetric): Shown | undefined {
  return SHOWN[type][metric];
}

/** What is shown of this type where no metric is asked for: a node's root file system once. */
export function metricsOf(type: UsageSubject['type']): UsageMetric[] {
  return USAGE_METRICS.filter(
    metric => SHOWN[type][metric] !== undefined && !(type === 'node' && metric === 'storage'),
  );
}
