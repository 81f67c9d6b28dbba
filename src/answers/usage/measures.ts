import type { UsageMetric, UsageSubject } from '../../model/usage.ts';
import { USAGE_METRICS } from '../../model/usage.ts';

/** How a metric is shown: its unit in Proxmox's own, and what is measured. */
export interface Shown {
  unit: '%' | 'GiB' | 'MiB/s';
  perUnit: number;
  /** In words, if the metric's name leaves it open. */
  of: string | null;
  /** It can fill up, so that it makes sense to ask when. */
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

/** How a metric of this type is shown; undefined if it has none. */
export function shownAs(type: UsageSubject['type'], metric: UsageMetric): Shown | undefined {
  return SHOWN[type][metric];
}

/** The metrics shown for this type if none is asked for: a node's root file system only once. */
export function metricsOf(type: UsageSubject['type']): UsageMetric[] {
  return USAGE_METRICS.filter(
    metric => SHOWN[type][metric] !== undefined && !(type === 'node' && metric === 'storage'),
  );
}
