import type { LogLineEntity, TaskEntity } from '../../model/entity.ts';
import type { Reason } from '../../model/reason.ts';
import type { TrailEntry } from '../../model/trail.ts';

/** What nodes' task lists brought. */
export interface TaskLists {
  tasks: TaskEntity[];
  /** Those that are new to the store, or have ended or told more since it last saw them. */
  fresh: TaskEntity[];
  /** Nodes whose list could not be read, with the reason. */
  failed: Map<string, Reason>;
  /** Those, and nodes of whose list a part was left out. */
  unread: string[];
  complete: boolean;
}

/** ... and the cluster's log besides. */
export interface TaskFindings extends TaskLists {
  /** Lines of the cluster's log that name a guest's edit. */
  log: LogLineEntity[];
  /** What of all this could be read. */
  trail: TrailEntry;
  /** What whoever reads the run's report should know of it. */
  warnings: string[];
}
