import { defineTable, text, time } from '../columns.ts';
import type { Session } from '../session.ts';
import { Repository } from './base.ts';

/** A small value kept for a client. */
export interface NoteEntity {
  key: string;
  value: string;
}

/** Keys are ours or name a client; their values are opaque to the store. */
export const notes = defineTable<NoteEntity>({
  model: 'note',
  name: 'notes',
  key: ['key'],
  columns: { key: text({ maxLength: 500 }), value: text({ maxLength: 100_000 }) },
  computed: { updatedAt: { column: time(), from: () => Date.now() } },
});

/** A name no client's note has. */
const HORIZON = 'store: history is whole from seq';

/** Notes, such as where a client's last comparison ended. */
export class NoteRepository extends Repository<NoteEntity, string> {
  constructor(session: Session) {
    super(session, notes);
  }

  /** The first `seq` of which history is whole: 0 unless the store was pruned. */
  async horizon(): Promise<number> {
    return Number((await this.findById(HORIZON))?.value ?? 0);
  }

  /** Before `seq` only each resource's last version is left. */
  async setHorizon(seq: number): Promise<void> {
    await this.upsertMany([{ key: HORIZON, value: String(seq) }]);
  }
}
