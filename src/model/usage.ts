import type { Reason } from './reason.ts';
import type { ResourceType, SettingType } from './resource.ts';
import type { OurTime } from './time.ts';

/** How far back Proxmox's round robin databases are asked, up to now. */
export const TIMEFRAMES = ['hour', 'day', 'week', 'month', 'year'] as const;
/** One of `TIMEFRAMES`. */
export type Timeframe = (typeof TIMEFRAMES)[number];

/**
 * What is measured: `disk` is what a guest reads and writes, and how full a node's root file system is; `storage` how full a
 * storage or a container's root file system is.
 */
export const USAGE_METRICS = ['cpu', 'memory', 'disk', 'network', 'storage'] as const;
/** One of `USAGE_METRICS`. */
export type UsageMetric = (typeof USAGE_METRICS)[number];

/** From when until when (ms) nothing was recorded. */
export interface Gap {
  from: number;
  to: number;
}

/** One metric over a time frame, in Proxmox's units: a fraction of all CPUs, bytes, bytes a second. Gaps are null, never 0. */
export interface MetricSummary {
  min: number;
  median: number;
  p95: number;
  max: number;
  /** The newest value; null where the newest intervals are gaps. */
  now: number | null;
  /** What there is of it: CPUs, bytes; null of a rate, and where it is not known. */
  capacity: number | null;
  /** Since when (ms) it has had that capacity, give or take a little: a trend rests on nothing older. */
  capacitySince: number;
  /** Means of equal intervals, oldest first; null where nothing was recorded. */
  points: (number | null)[];
  /**
   * The longest times without a record (ms), in their order: also those too short to be a point. Not what is before the
   * first record.
   */
  gaps: Gap[];
}

/** What a resource used over a time frame. Times are those of the node that recorded them. */
export interface UsageFacts {
  /** When the first interval begins (ms), and how long each is. */
  from: number;
  everyMs: number;
  /** How long Proxmox's own intervals are (ms): nothing new is to be had before. */
  stepMs: number;
  /** Those of which anything was recorded. */
  metrics: { [metric in UsageMetric]?: MetricSummary };
}

/** Whose usage is wanted. */
export interface UsageSubject {
  type: Exclude<ResourceType, 'cluster' | SettingType>;
  id: string;
  /** Where it is asked: the node a guest is on, a node that has the storage. */
  node: string;
  /** Each node has its own of it, as of a storage that is not shared. */
  perNode: boolean;
  /** When it was created (ms); null where that is longer ago than anybody looks. Proxmox's files outlive a VMID's guest. */
  since: number | null;
}

/** The usage of one subject, as it was read now or before. */
export interface UsageReading {
  /** Null where nothing was recorded, or it could not be read. */
  facts: UsageFacts | null;
  /** When it was read (ms); null where it never was. */
  readAt: OurTime | null;
  /** Why it could not be read now; null where it could, or is young enough. */
  fault: Reason | null;
}

/** Reads what resources used over a time frame, in their order: one request each, none for what is young enough. */
export type ReadUsage = (
  subjects: readonly UsageSubject[],
  options: {
    timeframe: Timeframe;
    /** How old it may be (ms); by default as old as Proxmox's own intervals are long. */
    maxAgeMs?: number | undefined;
    /** False where Proxmox is known not to answer: what was read before will do. */
    live: boolean;
  },
) => Promise<UsageReading[]>;
