import type { Reason } from './reason.ts';
import type { ResourceType, SettingType } from './resource.ts';
import type { OurTime } from './time.ts';

/** The time frames of Proxmox's round robin databases, up to now. */
export const TIMEFRAMES = ['hour', 'day', 'week', 'month', 'year'] as const;
/** One of `TIMEFRAMES`. */
export type Timeframe = (typeof TIMEFRAMES)[number];

/**
 * What is measured: `disk` is a guest's disk traffic, and for a node how full its root file system is; `storage` is how full a
 * storage, or a container's root file system, is.
 */
export const USAGE_METRICS = ['cpu', 'memory', 'disk', 'network', 'storage'] as const;
/** One of `USAGE_METRICS`. */
export type UsageMetric = (typeof USAGE_METRICS)[number];

/** A time (ms) without records. */
export interface Gap {
  from: number;
  to: number;
}

/** One metric over a time frame, in Proxmox's units: a fraction of all CPUs, bytes, bytes per second. Gaps are null, never 0. */
export interface MetricSummary {
  min: number;
  median: number;
  p95: number;
  max: number;
  /** The newest value; null where the newest intervals are gaps. */
  now: number | null;
  /** The total available: CPUs or bytes; null for a rate, and where it is not known. */
  capacity: number | null;
  /** Since when (ms) it has had roughly that capacity: a trend must not use older records. */
  capacitySince: number;
  /** Means of equal intervals, oldest first; null where nothing was recorded. */
  points: (number | null)[];
  /**
   * The longest times without records (ms), in order, even those too short to show as a point; not the time before the first
   * record.
   */
  gaps: Gap[];
}

/** What a resource used over a time frame. Times are by the clock of the node that recorded them. */
export interface UsageFacts {
  /** When the first interval begins (ms), and how long each is. */
  from: number;
  everyMs: number;
  /** The length of Proxmox's own intervals (ms): there is nothing new before. */
  stepMs: number;
  /** The metrics that have records. */
  metrics: { [metric in UsageMetric]?: MetricSummary };
  /** The metrics some of whose records could not be read; absent from readings of older versions. */
  unread?: UsageMetric[];
}

/** The resource whose usage is wanted. */
export interface UsageSubject {
  type: Exclude<ResourceType, 'cluster' | SettingType>;
  id: string;
  /** The node to ask: the guest's own, or one that has the storage. */
  node: string;
  /** Each node has its own, as for a storage that is not shared. */
  perNode: boolean;
  /** When it was created (ms); null where that is before any time frame. Proxmox's records survive a VMID's guest. */
  since: number | null;
}

/** The usage of one subject, read now or before. */
export interface UsageReading {
  /** Null where nothing was recorded, or it could not be read. */
  facts: UsageFacts | null;
  /** When it was read (ms); null where it never was. */
  readAt: OurTime | null;
  /** Why it could not be read now; null where it was, or is young enough. */
  fault: Reason | null;
}

/**
 * Reads the usage of these resources over a time frame, in the same order: one request each, and none for what is young enough.
 */
export type ReadUsage = (
  subjects: readonly UsageSubject[],
  options: {
    timeframe: Timeframe;
    /** The allowed age (ms); by default the length of Proxmox's own intervals. */
    maxAgeMs?: number | undefined;
    /** False where Proxmox is known not to answer: stored readings are returned. */
    live: boolean;
  },
) => Promise<UsageReading[]>;
