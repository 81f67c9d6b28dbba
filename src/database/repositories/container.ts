import type { GuestEntity } from '../../model/entity.ts';
import type { Session } from '../session/session.ts';
import { defineTable, nullable, text } from '../sql/columns.ts';
import { GuestRepository, guestColumns, haManaged } from './guest.ts';

/** Guests of type `container`; the type has no column. */
export const containers = defineTable<GuestEntity>({
  model: 'container',
  name: 'containers',
  key: ['id'],
  constants: { type: 'container' },
  columns: guestColumns,
  // A container's name is its host name.
  computed: { haManaged, hostname: { column: nullable(text()), from: guest => guest.name, uses: 'name' } },
});

/** LXC containers. */
export class ContainerRepository extends GuestRepository {
  constructor(session: Session) {
    super(session, containers);
  }
}
