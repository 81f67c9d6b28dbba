import { defineTable, text, time } from '../columns.ts';
import type { Session } from '../session.ts';
import { Repository } from './base.ts';

/** A small value kept for a client. */
export interface NoteEntity {
  key: string;
  value: string;
}

export const notes = defineTable<NoteEntity>({
  model: 'note',
  name: 'notes',
  key: ['key'],
  columns: { key: text({ maxLength: 500 }), value: text({ maxLength: 100_000 }) },
  computed: { updatedAt: { column: time(), from: () => Date.now() } },
});

/** Notes, such as where a client's last comparison ended. */
export class NoteRepository extends Repository<NoteEntity, string> {
  constructor(session: Session) {
    super(session, notes);
  }
}
