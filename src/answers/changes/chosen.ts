import { UsageError } from '../../errors.ts';
import type { Step } from '../../model/change.ts';
import type { VersionFilter } from '../../model/filter.ts';
import type { StoreReader } from '../../model/store.ts';
import { quoted, quotedList } from '../format/text.ts';
import { fieldTouch } from './by-field.ts';
import { findAuthors } from './causes.ts';

/** Most changes to search for an author or a field: authors are computed, not stored, and fields are not indexed. */
const LOOKED_THROUGH_AT_MOST = 10_000;
/** Recent tasks among whose users a hint's names are looked for. */
const LATELY = 1_000;
const USERS_NAMED = 10;

/** Whose changes are wanted, and of which field. */
export interface Choice {
  user?: string | undefined;
  field?: string | undefined;
}

/**
 * The changes this user had a part in, of this field, newest first.
 * @throws UsageError where too many would have to be searched
 */
export async function chosenChanges(
  { user, field }: Choice,
  filter: VersionFilter,
  store: StoreReader,
  atMost = LOOKED_THROUGH_AT_MOST,
): Promise<Step[]> {
  if ((await store.countVersions(filter, atMost + 1)) > atMost) {
    const those = [
      user === undefined ? [] : `by ${quoted(user, 80)}`,
      field === undefined ? [] : `of ${quoted(field, 80)}`,
    ];
    throw new UsageError(
      `More than ${atMost} changes would have to be looked through for those ${those.flat().join(' ')}.`,
      { hint: 'Narrow with since ("7d"), resource, type or node; list_tasks finds their tasks alone.' },
    );
  }
  const touches = field === undefined ? null : fieldTouch(field);
  const steps = (await store.steps(filter))
    .filter(step => touches === null || step.fields.some(({ path }) => touches(path)))
    .reverse();
  if (user === undefined) return steps;
  const facts = steps.map(step => ({ ...step, key: { type: step.type, id: step.resourceId } }));
  const authors = await findAuthors(facts, store);
  return steps.filter((_, index) => authors[index]!.causes.some(cause => isBy(cause.user, user)));
}

/** Whether `root@pam!ci` matches the wanted user: as in task lists a user with all tokens, one token, or a bare name. */
function isBy(user: string, wanted: string): boolean {
  const [id = '', token] = user.split('!');
  const [wantedId = '', wantedToken] = wanted.split('!');
  const same = wantedId.includes('@')
    ? id === wantedId
    : id.replace(/@[^@]*$/, '').toLowerCase() === wantedId.toLowerCase();
  return same && (wantedToken === undefined || token === wantedToken);
}

/** Said when a user made no changes: the users seen recently. */
export async function usersHint(store: StoreReader): Promise<string> {
  const { rows } = await store.tasks({}, { by: 'startTime', order: 'desc' }, { limit: LATELY });
  const users = [...new Set(rows.map(task => task.user))].sort().slice(0, USERS_NAMED);
  return users.length === 0 ? '' : ` Users seen of late: ${quotedList(users)}.`;
}
