import type { Arguments } from '../../mcp/define/cursor.ts';
import { choice, flag, listArguments, nodeText, text, word } from '../../mcp/define/input.ts';
import { STATUS_SYNONYMS } from '../../model/field-names.ts';
import { GUEST_TYPES, type GuestType } from '../../model/resource.ts';
import { GUEST_STATUS_WORDS } from '../../model/status.ts';
import { questionArguments } from '../where/arguments.ts';
import type { QuestionInput } from '../where/question.ts';
import { GUEST_SORTS, type GuestSort } from './sort.ts';

/** Arguments of the lists of one type of guest. */
export const guestListArguments = {
  node: nodeText('Its node.'),
  status: word(GUEST_STATUS_WORDS, 'running, stopped, paused, error, unknown ...', {
    synonyms: STATUS_SYNONYMS,
  }),
  name: text('A part, or a pattern with *.'),
  tag: text('With this tag.'),
  pool: text('In this pool.'),
  template: flag('Only those.'),
  at: text('As it was then: 7d, run:41.'),
  ...questionArguments('As in list_guests.'),
  ...listArguments(GUEST_SORTS),
};

/** The same, with the type to choose. */
export const anyGuestListArguments = {
  type: choice(GUEST_TYPES, 'Default both.', { qemu: 'vm', lxc: 'container', ct: 'container' }),
  ...guestListArguments,
  where: questionArguments(
    'Conditions on any field, all must hold: onboot=1, !agent, cpu=host, memory>8192 (MiB), disk(bus=ide,storage=a|b), nic.tag=20, ' +
      'last_backup>7d (older), name~web, pool=.',
  ).where,
};

/** The columns of a list of guests, for output schemas. */
export const GUEST_COLUMNS =
  'vmid, name, node, status, cpus, memory_gib, boot_disk_gib; if set tags, template, pool, lock, ha; unconfirmed {field: when}. ' +
  'Full: cpu_percent, memory_percent, uptime_seconds, network_in_gib, network_out_gib, disk_used_gib';

/** The columns of groups of guests. */
export const GROUP_COLUMNS = 'Keys, guests, running, unseen, cpus, memory_gib.';

/** The arguments of a list of guests. */
export interface GuestListInput extends Arguments, QuestionInput {
  type?: GuestType | undefined;
  node?: string | undefined;
  status?: string | undefined;
  name?: string | undefined;
  tag?: string | undefined;
  pool?: string | undefined;
  template?: boolean | undefined;
  at?: string | undefined;
  sort?: GuestSort | undefined;
  order?: 'asc' | 'desc' | undefined;
  limit?: number | undefined;
  cursor?: string | undefined;
  detail?: 'concise' | 'full' | undefined;
}
