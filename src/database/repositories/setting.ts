import type { StoreLine } from '../../model/store.ts';
import type { Session } from '../session/session.ts';
import { insertRows } from '../sql/bulk.ts';
import { defineTable, text, time } from '../sql/columns.ts';
import { LINES_NOTE, parseLines, withNewLine } from '../sql/lines.ts';
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
  computed: { updatedAt: { column: time(), from: (_note, now) => now } },
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

  /** The lines of the store's life; the first one begins here where none has. */
  async lines(): Promise<StoreLine[]> {
    const read = async () => parseLines((await this.findById(LINES_NOTE))?.value ?? null);
    const lines = await read();
    if (lines.length > 0) return lines;
    // Of two processes that do so at once one is too late, and takes the other's.
    await insertRows(this.session, notes, [{ key: LINES_NOTE, value: withNewLine(null, 0) }], 'ignore');
    return read();
  }

  /** Before `seq` only each resource's last version is left. */
  async setHorizon(seq: number): Promise<void> {
    await this.upsertMany([{ key: HORIZON, value: String(seq) }]);
  }
}
