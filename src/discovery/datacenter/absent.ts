import { UsageError } from '../../errors.ts';
import { endpoints } from '../../proxmox/endpoints/index.ts';
import { ProxmoxError } from '../../proxmox/proxmox-error.ts';
import type { Absence } from '../common/absence.ts';
import type { Api } from '../common/api.ts';
import { lostSight } from '../common/failure-reason.ts';
import { insteadOfRules } from './ha-groups.ts';
import { idOf, isLiving, type ListKnown, type ListName, type SettingSeen } from './seen.ts';

/** Most missing items of a list that are asked for in one run. */
const ASKED_AT_MOST = 50;
/** Most new items of a list that are asked for in one run: each costs a request, and there may be thousands of leftover rows. */
const NEW_ASKED_AT_MOST = 200;

/** The fate of the items that a list lacks: one is gone only where Proxmox itself answers that it does not exist. */
export async function findAbsent(
  api: Api,
  list: ListName,
  items: readonly SettingSeen[],
  known: ListKnown,
): Promise<Map<string, Absence>> {
  const seen = new Set(items.map(item => item.id ?? item.detail.subject));
  const ids = new Set([
    ...[...known.versions.values()].filter(isLiving).map(version => version.resourceId),
    ...known.facts.map(fact => idOf(list, fact.subject)),
  ]);
  const lacking = [...ids].filter(id => !seen.has(id));
  const verdicts = lacking.map(
    async (id, index): Promise<[string, Absence]> => [
      id,
      index < ASKED_AT_MOST
        ? await absenceOf(api, list, id)
        : { verdict: 'unseen', reason: { code: 'not-asked-yet' } },
    ],
  );
  return new Map(await Promise.all(verdicts));
}

/**
 * Leaves out items that are new since a complete look unless Proxmox confirms that they exist: a row in another form would make
 * something new of what is known. Where too many are new, the time (ms) selects which are asked, so that none waits for ever
 * behind rows that do not exist.
 */
export async function confirmed(
  api: Api,
  list: ListName,
  items: readonly SettingSeen[],
  { versions, lastWhole }: ListKnown,
  observedAt: number,
): Promise<SettingSeen[]> {
  if (lastWhole === null) return [...items];
  const isNew = ({ id }: SettingSeen) => id !== null && !isLiving(versions.get(id));
  const fresh = items.filter(isNew);
  const start = fresh.length > NEW_ASKED_AT_MOST ? observedAt % fresh.length : 0;
  const asked = [...fresh.slice(start), ...fresh.slice(0, start)].slice(0, NEW_ASKED_AT_MOST);
  const answers = await Promise.all(asked.map(({ id }) => absenceOf(api, list, id!)));
  const there = new Set(asked.filter((_, index) => answers[index]!.verdict === 'left out'));
  return items.filter(item => !isNew(item) || there.has(item));
}

async function absenceOf(api: Api, list: ListName, id: string): Promise<Absence> {
  try {
    await ask(api, list, id);
    return { verdict: 'left out', reason: { code: 'listing-short' } };
  } catch (error) {
    // A name that cannot be part of a path.
    if (error instanceof UsageError) return { verdict: 'unseen', reason: { code: 'not-listed' } };
    if (!(error instanceof ProxmoxError)) throw error;
    // Proxmox checks rights before existence.
    if (error.kind === 'not-found') return { verdict: 'deleted' };
    return { verdict: 'unseen', reason: lostSight(error) };
  }
}

function ask(api: Api, list: ListName, id: string): Promise<unknown> {
  const { backupJob, pools, haGroup, haResource, haRule } = endpoints.cluster;
  if (list === 'backup_job') return api.get(backupJob, { id });
  if (list === 'ha') return api.get(haResource, { sid: id });
  if (list === 'ha_rule')
    return insteadOfRules(api.get(haRule, { rule: id }), () => api.get(haGroup, { group: id }));
  // Nested pools have a slash in their name, which no path segment allows.
  return api.get(pools, {}, { poolid: id });
}
