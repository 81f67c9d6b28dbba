import type { DatedVersion } from '../model/change.ts';
import { GUEST_TOPICS } from '../model/detail.ts';
import type { GuestType } from '../model/resource.ts';
import type { CommitWriter } from '../model/store.ts';
import type { ClusterTime } from '../model/time.ts';
import { isRefusal, RowRefusedError } from './errors.ts';
import { type Repositories, repositoriesOf } from './repositories/index.ts';
import { isChange } from './repositories/state-snapshot.ts';
import type { Session } from './session/session.ts';

/** How a commit is written after one of its rows was refused. */
export interface Sparing {
  /** Resources (`vm/101`) of which nothing is written. */
  leftOut: ReadonlySet<string>;
  /** Write row by row, to find out which one is refused. */
  oneByOne: boolean;
}

/** Writes one commit's rows inside its transaction, and counts the changes. @throws RowRefusedError when it writes row by row. */
export class TransactionWriter implements CommitWriter {
  readonly seq: number;
  readonly at: ClusterTime;
  changes = 0;
  readonly #repositories: Repositories;
  readonly #sparing: Sparing;

  constructor(tx: Session, commit: { seq: number; at: ClusterTime }, sparing: Sparing) {
    this.seq = commit.seq;
    this.at = commit.at;
    this.#repositories = repositoriesOf(tx);
    this.#sparing = sparing;
  }

  #guests(type: GuestType) {
    return type === 'vm' ? this.#repositories.vms : this.#repositories.containers;
  }

  upsertNodes: CommitWriter['upsertNodes'] = rows =>
    this.#each(rows, ofNode, some => this.#repositories.nodes.upsertMany(some));
  upsertGuests: CommitWriter['upsertGuests'] = (type, rows) =>
    this.#each(rows, ofGuest(type), some => this.#guests(type).upsertMany(some));
  refreshGuests: CommitWriter['refreshGuests'] = (type, seenAt, rows) =>
    this.#each(rows, ofGuest(type), some => this.#guests(type).refresh(seenAt, some));
  deleteGuests: CommitWriter['deleteGuests'] = (type, ids) =>
    this.#guests(type).deleteMany(this.#kept(ids, id => `${type}/${id}`));
  upsertConfigs: CommitWriter['upsertConfigs'] = rows =>
    this.#each(rows, guestOf, some => this.#repositories.guestConfigs.upsertMany(some));
  deleteConfigs: CommitWriter['deleteConfigs'] = keys =>
    this.#repositories.guestConfigs.deleteMany(this.#kept(keys, guestOf));
  refreshFromConfigs: CommitWriter['refreshFromConfigs'] = (type, rows) =>
    this.#each(rows, ofGuest(type), some => this.#guests(type).refreshFromConfigs(some));
  upsertStorages: CommitWriter['upsertStorages'] = rows =>
    this.#each(
      rows,
      row => ofStorage(row.id),
      some => this.#repositories.storages.upsertMany(some),
    );
  deleteStorages: CommitWriter['deleteStorages'] = ids =>
    this.#repositories.storages.deleteMany(this.#kept(ids, ofStorage));
  upsertNodeStorages: CommitWriter['upsertNodeStorages'] = rows =>
    this.#each(
      rows,
      row => ofStorage(row.storageId),
      some => this.#repositories.nodeStorages.upsertMany(some),
    );
  deleteNodeStorages: CommitWriter['deleteNodeStorages'] = keys =>
    this.#repositories.nodeStorages.deleteMany(this.#kept(keys, key => ofStorage(key.storageId)));
  upsertDetails: CommitWriter['upsertDetails'] = rows =>
    this.#each(
      rows,
      row => row.subject,
      some => this.#repositories.details.upsertMany(some),
    );
  replaceDetails: CommitWriter['replaceDetails'] = async (topic, source, rows) => {
    if (!this.#sparing.oneByOne)
      return this.#repositories.details.replace(
        topic,
        source,
        this.#kept(rows, row => row.subject),
      );
    await this.#repositories.details.replace(topic, source, []);
    return this.upsertDetails(rows);
  };
  forgetGuestDetails: CommitWriter['forgetGuestDetails'] = keys =>
    this.#repositories.details.forget(
      GUEST_TOPICS,
      this.#kept(keys, key => key),
    );
  upsertTasks: CommitWriter['upsertTasks'] = rows =>
    this.#each(
      rows,
      row => `task/${row.upid}`,
      some => this.#repositories.tasks.upsertMany(some),
    );
  insertLogLines: CommitWriter['insertLogLines'] = rows =>
    this.#each(
      rows,
      row => `log line/${row.id}`,
      some => this.#repositories.logLines.add(some),
    );
  saveNote: CommitWriter['saveNote'] = (key, value) => this.#repositories.notes.upsertMany([{ key, value }]);

  async insertVersions(rows: DatedVersion[]): Promise<void> {
    await this.#each(
      rows,
      row => `${row.type}/${row.resourceId}`,
      async some => {
        await this.#repositories.stateSnapshots.add(this.seq, this.at, some);
        this.changes += some.filter(isChange).length;
      },
    );
  }

  async #each<R>(
    rows: R[],
    about: (row: R) => string,
    write: (rows: R[]) => Promise<unknown>,
  ): Promise<void> {
    const kept = this.#kept(rows, about);
    if (!this.#sparing.oneByOne) {
      await write(kept);
      return;
    }
    for (const row of kept) {
      try {
        await write([row]);
      } catch (error) {
        throw isRefusal(error) ? new RowRefusedError(about(row), error as Error) : error;
      }
    }
  }

  #kept<R>(rows: readonly R[], about: (row: R) => string): R[] {
    const { leftOut } = this.#sparing;
    return leftOut.size === 0 ? rows.slice() : rows.filter(row => !leftOut.has(about(row)));
  }
}

const ofNode = ({ id }: { id: string }) => `node/${id}`;
const ofStorage = (id: string) => `storage/${id}`;
const ofGuest =
  (type: GuestType) =>
  ({ id }: { id: number }) =>
    `${type}/${id}`;
const guestOf = ({ type, id }: { type: GuestType; id: number }) => `${type}/${id}`;
