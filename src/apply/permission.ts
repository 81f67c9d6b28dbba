import type { ApplyRefusal, RefusalCode } from '../model/applying.ts';
import type { PlanEntity } from '../model/plan.ts';
import { isGuestType, parseKey } from '../model/resource.ts';
import type { WritePolicy } from '../model/writing.ts';
import type { Operation } from '../proxmox/operations/index.ts';
import { plainWord } from '../text/cluster-text.ts';
import { type Denial, deniedBy, type PermitGuest } from './permit.ts';
import type { LackingRight, Rights } from './rights.ts';

/** A guest as it is now, and what would be sent to it. */
export interface Asked extends PermitGuest {
  resource: string;
  disksWaiting: readonly string[];
  operations: readonly Operation[];
}

/** Most reasons listed for refusing a plan. */
const REFUSALS_AT_MOST = 25;

/**
 * Why a plan may not be carried out on these guests: what is never done, what is not configured, and if nothing else stands in
 * the way, rights that the tokens lack. Empty where it may.
 */
export function createPermission(policy: WritePolicy, rights: Rights) {
  return async (plan: Pick<PlanEntity, 'steps'>, guests: readonly Asked[]): Promise<ApplyRefusal[]> => {
    const denials = plan.steps.flatMap(step => {
      const guest = guests.find(one => one.resource === step.resource);
      const denial = guest === undefined ? NO_GUEST : deniedBy(step, guest, policy);
      return denial === null ? [] : [refusalOf(step, denial)];
    });
    denials.push(...guests.filter(guest => guest.disksWaiting.length > 0).map(waitText));
    if (denials.length > 0) return denials.slice(0, REFUSALS_AT_MOST);
    const lacking = await rights.lacking(guests.flatMap(guest => guest.operations));
    return lacking.slice(0, REFUSALS_AT_MOST).map(lackText);
  };
}

/** Steps of a plan that are never carried out, whatever the state of the guests: known before anything is read. */
export function neverDone({ steps }: Pick<PlanEntity, 'steps'>, policy: WritePolicy): ApplyRefusal[] {
  const refusals = steps.flatMap(step => {
    const { type } = parseKey(step.resource);
    const blank = { tags: [], pool: null, template: false };
    const denial = isGuestType(type) ? deniedBy(step, { type, ...blank }, policy) : NO_GUEST;
    return denial?.kind === 'never' ? [refusalOf(step, denial)] : [];
  });
  return refusals.slice(0, REFUSALS_AT_MOST);
}

/** For storages, and anything else that is not a guest that was read. */
const NO_GUEST: Denial = { kind: 'never', why: 'plans change guests alone' };

const CODES: { readonly [kind in Denial['kind']]: RefusalCode } = {
  never: 'never',
  locked: 'locked',
  scope: 'scope',
  kind: 'kind',
};

function refusalOf(
  { resource, path }: { resource: string; path: string },
  { kind, why }: Denial,
): ApplyRefusal {
  const shown = path.replace(/^config\./, '');
  return { code: CODES[kind], resource, path, what: `${resource} ${plainWord(shown) ?? 'a field'}: ${why}.` };
}

function waitText({ resource, disksWaiting: keys }: Asked): ApplyRefusal {
  const what = `${resource}: a change of ${keys.join(', ')} waits there, which this could carry out as well, and which is not part of it.`;
  return { code: 'waiting', resource, what };
}

function lackText({ who, identity, privilege, path }: LackingRight): ApplyRefusal {
  const role = who === 'write' ? 'writes' : 'reads';
  return { code: 'right', what: `The token that ${role}, ${identity}, lacks ${privilege} on ${path}.` };
}
