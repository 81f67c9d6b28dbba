/*
 * What a page shows: facts as answers hold them, cleaned and masked on their way out. A page reads them as JSON that may
 * lack anything, and sets every text of theirs as text.
 */

/** A field of a change, before and after. */
export interface FieldRow {
  path: string;
  from: unknown;
  to: unknown;
  /** In a comparison with the declaration: drifted, accepted, pending, unseen or conflict. */
  state?: string;
}

/** Who caused a change, and how. */
export interface CauseRow {
  upid?: string;
  type?: string;
  user?: string;
  status?: string;
  source?: string;
}

/** A change or a task as `show_history` and `diff_state` return it; a row with `task` is a task. Times are ISO 8601. */
export interface HistoryRow {
  resource?: string;
  name?: string;
  node?: string;
  change?: string;
  at?: string;
  window?: { after?: string; before?: string };
  fields?: FieldRow[];
  more_fields?: number;
  causes?: CauseRow[];
  why_unknown?: string;
  task?: string;
  type?: string;
  user?: string;
  status?: string;
  /** For a task: ok, warning, error, running or unknown. */
  result?: string;
  /** For a task: when it ended. */
  until?: string;
  /** For a planned change: the plan it belongs to. */
  plan?: string;
  /** For a revision of the declaration. */
  author?: string;
  why?: string;
}

/** Something that could not be seen. */
export interface UnseenRow {
  what: string;
  since?: string;
  reason?: string;
  resources?: string[];
}

/** How far an answer can be trusted. */
export interface Provenance {
  as_of?: string;
  source?: string;
  stale?: { since?: string; reason?: string };
  unseen?: UnseenRow[];
}

/** The history of a span of time. */
export interface TimelineFacts extends Provenance {
  from?: string;
  to?: string;
  /** IANA time zone of all times. */
  time_zone?: string;
  history?: HistoryRow[];
  /** What `diff_state` returns in place of `rows`. */
  changes?: HistoryRow[];
  /** How many changes and tasks that time holds; the newest of them are shown. */
  total?: number;
  counts?: { changes: number; tasks: number; failed_tasks: number };
  history_starts_at?: string;
  /** The hint of the answer. */
  hint?: string;
}

/** A finding of `check_health`. */
export interface FindingRow {
  check: string;
  severity: string;
  resource: string;
  name?: string;
  what: string;
  since?: string;
  next?: string;
}

/** One metric of one resource over a time frame, as `show_usage` returns it. */
export interface UsageRow {
  resource: string;
  name?: string;
  /** The node a guest is on, or the node of a storage that every node has its own of. */
  node?: string;
  metric: string;
  /** What the metric measures, where its name does not say. */
  of?: string;
  unit: string;
  /** In the unit of the metric; absent for rates. */
  capacity?: number;
  cpus?: number;
  min: number;
  median: number;
  p95: number;
  max: number;
  /** Absent if nothing was recorded recently. */
  now?: number;
  now_percent?: number;
  slope_per_day?: number;
  /** The day with its range, or why none can be given. */
  until_full?: { at?: string; earliest?: string; latest?: string; why?: string };
  sparkline?: string;
  /** Start of each interval with its mean; null is a gap. */
  points?: [time: string, value: number | null][];
}

/** The contents of a report about a cluster and a span of time. */
export interface ReportFacts extends Provenance {
  cluster?: string;
  made_at: string;
  time_zone: string;
  from: string;
  to: string;
  version?: string;
  timeline: TimelineFacts;
  findings: {
    rows: FindingRow[];
    counts: { [severity: string]: number };
    total: number;
    /** Findings that somebody accepted until a certain day; they are left out. */
    silenced_total?: number;
  };
  /** The biggest consumers and how full the storages are; absent if that could not be read. */
  usage?: UsageRow[];
  /** Absent if nothing is declared. */
  drift?: { rows: HistoryRow[]; counts: { [state: string]: number }; total: number };
}
