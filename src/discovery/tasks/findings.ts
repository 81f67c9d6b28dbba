import type { LogLineEntity, TaskEntity } from '../../model/entity.ts';
import type { Reason } from '../../model/reason.ts';
import type { TrailEntry } from '../../model/trail.ts';

/** The tasks in nodes' lists. */
export interface TaskLists {
  tasks: TaskEntity[];
  /** Tasks that are new to the store, or have ended or revealed more since it last saw them. */
  fresh: TaskEntity[];
  /** Nodes whose list could not be read, with the reason. */
  failed: Map<string, Reason>;
  /** Nodes whose list could not be read, or not in full. */
  unread: string[];
  complete: boolean;
}

/** The same with the cluster's log. */
export interface TaskFindings extends TaskLists {
  /** Lines of the cluster's log that name a guest's edit. */
  log: LogLineEntity[];
  /** Guests (VMIDs) that a further line names, since the last look perhaps: it cannot be dated. */
  undated: ReadonlySet<number>;
  /** How much of all this could be read. */
  trail: TrailEntry;
  /** For readers of the run's report. */
  warnings: string[];
}
