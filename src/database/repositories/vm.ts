import type { GuestEntity } from '../../model/entity.ts';
import type { Session } from '../session/session.ts';
import { defineTable } from '../sql/columns.ts';
import { GuestRepository, guestColumns, haManaged } from './guest.ts';

/** Guests of type `vm`; the type has no column. */
export const vms = defineTable<GuestEntity>({
  model: 'vm',
  name: 'vms',
  key: ['id'],
  constants: { type: 'vm' },
  columns: guestColumns,
  computed: { haManaged },
});

/** QEMU virtual machines. */
export class VmRepository extends GuestRepository {
  constructor(session: Session) {
    super(session, vms);
  }
}
