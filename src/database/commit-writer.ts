import type { NewVersion } from '../model/change.ts';
import { GUEST_TOPICS } from '../model/detail.ts';
import type { GuestType } from '../model/resource.ts';
import type { CommitWriter } from '../model/store.ts';
import { type Repositories, repositoriesOf } from './repositories/index.ts';
import { isChange } from './repositories/state-snapshot.ts';
import type { Session } from './session/session.ts';

/** Writes one commit's rows inside its transaction, and counts what changed. */
export class TransactionWriter implements CommitWriter {
  readonly seq: number;
  readonly at: number;
  changes = 0;
  readonly #repositories: Repositories;

  constructor(tx: Session, commit: { seq: number; at: number }) {
    this.seq = commit.seq;
    this.at = commit.at;
    this.#repositories = repositoriesOf(tx);
  }

  #guests(type: GuestType) {
    return type === 'vm' ? this.#repositories.vms : this.#repositories.containers;
  }

  upsertNodes: CommitWriter['upsertNodes'] = rows => this.#repositories.nodes.upsertMany(rows);
  upsertGuests: CommitWriter['upsertGuests'] = (type, rows) => this.#guests(type).upsertMany(rows);
  refreshGuests: CommitWriter['refreshGuests'] = (type, seenAt, rows) =>
    this.#guests(type).refresh(seenAt, rows);
  deleteGuests: CommitWriter['deleteGuests'] = (type, ids) => this.#guests(type).deleteMany(ids);
  upsertConfigs: CommitWriter['upsertConfigs'] = rows => this.#repositories.guestConfigs.upsertMany(rows);
  deleteConfigs: CommitWriter['deleteConfigs'] = keys => this.#repositories.guestConfigs.deleteMany(keys);
  refreshFromConfigs: CommitWriter['refreshFromConfigs'] = (type, rows) =>
    this.#guests(type).refreshFromConfigs(rows);
  upsertStorages: CommitWriter['upsertStorages'] = rows => this.#repositories.storages.upsertMany(rows);
  deleteStorages: CommitWriter['deleteStorages'] = ids => this.#repositories.storages.deleteMany(ids);
  upsertNodeStorages: CommitWriter['upsertNodeStorages'] = rows =>
    this.#repositories.nodeStorages.upsertMany(rows);
  deleteNodeStorages: CommitWriter['deleteNodeStorages'] = keys =>
    this.#repositories.nodeStorages.deleteMany(keys);
  upsertDetails: CommitWriter['upsertDetails'] = rows => this.#repositories.details.upsertMany(rows);
  replaceDetails: CommitWriter['replaceDetails'] = (topic, source, rows) =>
    this.#repositories.details.replace(topic, source, rows);
  forgetGuestDetails: CommitWriter['forgetGuestDetails'] = keys =>
    this.#repositories.details.forget(GUEST_TOPICS, keys);
  upsertTasks: CommitWriter['upsertTasks'] = rows => this.#repositories.tasks.upsertMany(rows);
  insertLogLines: CommitWriter['insertLogLines'] = rows => this.#repositories.logLines.add(rows);
  saveNote: CommitWriter['saveNote'] = (key, value) => this.#repositories.notes.upsertMany([{ key, value }]);

  async insertVersions(rows: NewVersion[]): Promise<void> {
    await this.#repositories.stateSnapshots.add(this.seq, this.at, rows);
    this.changes += rows.filter(isChange).length;
  }
}
