import type { ChangeType } from './change.ts';
import type { RunEntity } from './entity.ts';
import type { Facet } from './facet.ts';

/** A discovery began to read these facets. */
export interface RunStarted {
  type: 'run started';
  run: number;
  facets: Facet[];
}
/** A discovery ended; `run.status` says how. */
export interface RunCompleted {
  type: 'run completed';
  run: RunEntity;
}
/** The progress of a discovery: requests answered, and those known to be needed so far, which may still grow. */
export interface RunProgress {
  type: 'progress';
  done: number;
  total: number;
}
/** A commit recorded this change of these resources (`vm/101`, `node/pve1`), in this process or another. */
export interface ResourcesChanged {
  type: ChangeType;
  resources: string[];
}
/** Tasks that are new, or have ended. */
export interface TasksChanged {
  type: 'tasks';
  upids: string[];
}
/** What a process learns about discoveries: its own and, when it looks at the store, those of others. */
export type DiscoveryEvent = RunStarted | RunCompleted | RunProgress | ResourcesChanged | TasksChanged;

/** Whether an event is about changed resources. */
export function isChange(event: DiscoveryEvent): event is ResourcesChanged {
  return 'resources' in event;
}
