import type { Reason } from '../../model/reason.ts';
import type { OurTime } from '../../model/time.ts';
import type { TrailEntry } from '../../model/trail.ts';
import type { Unseen } from '../../model/unseen.ts';

/** What the run read of tasks before it decided anything. */
export interface TasksObserved {
  observedAt: OurTime;
  /** All lists could be read in full. */
  whole: boolean;
  /** They show everybody's tasks. */
  ofAll: boolean;
  /** Nodes whose list could not be read. */
  failed: [node: string, reason: Reason][];
  trail: TrailEntry;
  /** UPIDs of tasks that are new or have ended. */
  fresh: string[];
}

/** What is to be recorded about the look at the tasks. */
export interface TasksDecided {
  observedAt: OurTime;
  complete: boolean;
  unseen: Unseen[];
  trail: TrailEntry;
  fresh: string[];
}

/** Decides what a look at the task lists covered. Pure. */
export function decideTasks({ whole, ofAll, failed, ...same }: TasksObserved): TasksDecided {
  return {
    ...same,
    complete: whole && ofAll,
    unseen: failed.map(([node, reason]) => ({
      what: { code: 'tasks', node },
      since: null,
      reason,
      resources: [`node/${node}`],
    })),
  };
}
