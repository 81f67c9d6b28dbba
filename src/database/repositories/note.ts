import { NOTE_AT_MOST, parseNote } from '../../model/note.ts';
import type { StoreLine } from '../../model/store.ts';
import type { Session } from '../session/session.ts';
import { insertRows } from '../sql/bulk.ts';
import { defineTable, text, time } from '../sql/columns.ts';
import { LINES_NOTE, parseLines, withNewLine } from '../sql/lines.ts';
import { Repository } from './base.ts';

/** A small value, kept for a client or for the store itself. */
export interface NoteEntity {
  key: string;
  value: string;
}

/** Keys are ours or name a client; the values mean nothing to the table. */
export const notes = defineTable<NoteEntity>({
  model: 'note',
  name: 'notes',
  key: ['key'],
  columns: { key: text({ maxLength: 500 }), value: text({ maxLength: NOTE_AT_MOST }) },
  computed: { updatedAt: { column: time(), from: (_note, now) => now } },
});

/** A name that no client's note has. */
const HORIZON = 'store: history is whole from seq';

/** Notes, such as where a client's last comparison ended. */
export class NoteRepository extends Repository<NoteEntity, string> {
  constructor(session: Session) {
    super(session, notes);
  }

  /** The first `seq` from which history is complete: 0 unless the store was pruned. */
  async horizon(): Promise<number> {
    const { value = null } = (await this.findById(HORIZON)) ?? {};
    return parseNote(value, (seq): seq is number => Number.isSafeInteger(seq)) ?? 0;
  }

  /** The lines of the store, oldest first; begins the first one where there is none. */
  async lines(): Promise<StoreLine[]> {
    const read = async () => parseLines((await this.findById(LINES_NOTE))?.value ?? null);
    const lines = await read();
    if (lines.length > 0) return lines;
    // Of two processes doing this at once, the later one takes over the other's line.
    await insertRows(this.session, notes, [{ key: LINES_NOTE, value: withNewLine(null, 0) }], 'ignore');
    return read();
  }

  /** Records that before `seq` only each resource's last version is left. */
  async setHorizon(seq: number): Promise<void> {
    await this.upsertMany([{ key: HORIZON, value: String(seq) }]);
  }
}
