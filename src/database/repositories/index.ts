import type { Session } from '../session/session.ts';
import { ClusterRepository } from './cluster.ts';
import { CommitRepository } from './commit.ts';
import { ContainerRepository } from './container.ts';
import { DeclarationRevisionRepository } from './declaration-revision.ts';
import { DetailRepository } from './detail.ts';
import { DiscoveryRunRepository } from './discovery-run.ts';
import { GuestConfigRepository } from './guest-config.ts';
import { LeaseRepository } from './lease.ts';
import { LogLineRepository } from './log-line.ts';
import { NodeRepository } from './node.ts';
import { NodeStorageRepository } from './node-storage.ts';
import { NoteRepository } from './note.ts';
import { OperationRepository } from './operation.ts';
import { PlanRepository } from './plan.ts';
import { PlanEventRepository } from './plan-event.ts';
import { StateSnapshotRepository } from './state-snapshot.ts';
import { StorageRepository } from './storage.ts';
import { TaskRepository } from './task.ts';
import { VmRepository } from './vm.ts';

/** All repositories on one session, or together inside a transaction. */
export function repositoriesOf(session: Session) {
  return {
    cluster: new ClusterRepository(session),
    commits: new CommitRepository(session),
    containers: new ContainerRepository(session),
    declarationRevisions: new DeclarationRevisionRepository(session),
    details: new DetailRepository(session),
    discoveryRuns: new DiscoveryRunRepository(session),
    guestConfigs: new GuestConfigRepository(session),
    lease: new LeaseRepository(session),
    logLines: new LogLineRepository(session),
    nodes: new NodeRepository(session),
    nodeStorages: new NodeStorageRepository(session),
    notes: new NoteRepository(session),
    operations: new OperationRepository(session),
    planEvents: new PlanEventRepository(session),
    plans: new PlanRepository(session),
    stateSnapshots: new StateSnapshotRepository(session),
    storages: new StorageRepository(session),
    tasks: new TaskRepository(session),
    vms: new VmRepository(session),
  };
}

/** The repositories by name. */
export type Repositories = ReturnType<typeof repositoriesOf>;
