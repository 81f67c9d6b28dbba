/*
 * What a page shows: facts as answers hold them, cleaned and masked on their way out. A page reads them as JSON that may
 * lack anything, and sets every text of theirs as text.
 */

/** A field of a change, before and after. */
export interface FieldRow {
  path: string;
  from: unknown;
  to: unknown;
  /** Of a comparison with the declaration: drifted, accepted, pending, unseen, conflict. */
  state?: string;
}

/** Who brought a change about, and by what. */
export interface CauseRow {
  upid?: string;
  type?: string;
  user?: string;
  status?: string;
  source?: string;
}

/** A change or a task as `show_history` and `diff_state` tell it; what has `task` is a task. Times are ISO 8601. */
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
  /** Of a task: ok, warning, error, running or unknown. */
  result?: string;
  /** Of a task: when it ended. */
  until?: string;
  /** Of what was planned: the plan it is of. */
  plan?: string;
  /** Of a revision of the declaration. */
  author?: string;
  why?: string;
}

/** Something that was not seen. */
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
  /** IANA zone of all times. */
  time_zone?: string;
  history?: HistoryRow[];
  /** The same of an answer of `diff_state`. */
  changes?: HistoryRow[];
  /** How many changes and tasks there are in that time; those shown are the newest. */
  total?: number;
  counts?: { changes: number; tasks: number; failed_tasks: number };
  history_starts_at?: string;
  /** What an answer says beside its rows. */
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

/** One metric of one resource over a time frame, as `show_usage` tells it. */
export interface UsageRow {
  resource: string;
  name?: string;
  /** Where a guest is, or whose a storage is that each node has for itself. */
  node?: string;
  metric: string;
  /** What it is of, where the metric leaves that open. */
  of?: string;
  unit: string;
  /** In the unit; absent of rates. */
  capacity?: number;
  cpus?: number;
  min: number;
  median: number;
  p95: number;
  max: number;
  /** Absent where nothing was recorded just now. */
  now?: number;
  now_percent?: number;
  slope_per_day?: number;
  /** A day with its spread, or why none can be given. */
  until_full?: { at?: string; earliest?: string; latest?: string; why?: string };
  sparkline?: string;
  /** When an interval begins, and its mean; null is a gap. */
  points?: [time: string, value: number | null][];
}

/** What a report tells of a cluster and a span of time. */
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
    /** Accepted by somebody until a day, and left out. */
    silenced_total?: number;
  };
  /** Who uses most, and how full storages are; absent where that could not be read. */
  usage?: UsageRow[];
  /** Absent where nothing is declared. */
  drift?: { rows: HistoryRow[]; counts: { [state: string]: number }; total: number };
}
