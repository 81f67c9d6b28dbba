import { namePattern } from '../../history/name-pattern.ts';
import type { GuestType } from '../../model/resource.ts';
import type { GuestConfig } from '../../model/state.ts';
import { isStatus } from '../../model/status.ts';
import type { StoreReader } from '../../model/store.ts';
import { meetsAll, type Verdict } from '../where/bind.ts';
import type { Question } from '../where/question.ts';
import type { GuestFact } from './fact.ts';
import { hasTag } from './hints.ts';
import type { GuestListInput } from './list-input.ts';
import { type GuestMoment, loadGuests } from './load.ts';
import type { GuestFacts, GuestPart } from './sources.ts';

/** A guest whose row is there. */
export type SeenGuest = GuestFacts & { row: GuestFact };

/** Guests that meet all that is asked, and those of which what is known does not tell. */
export interface Selection {
  matching: SeenGuest[];
  unjudged: SeenGuest[];
}

/** Chooses among all guests of these types, at present or at a moment. */
export async function selectGuests(
  store: StoreReader,
  types: readonly GuestType[],
  input: GuestListInput,
  question: Question<GuestFacts>,
  moment: GuestMoment | null,
): Promise<Selection> {
  const { needs, keys } = question.choosing;
  const guests = await loadGuests(store, types, needs as ReadonlySet<GuestPart>, { moment, keys });
  const fits = input.name === undefined ? () => true : namePattern(input.name);
  const selection: Selection = { matching: [], unjudged: [] };
  for (const guest of guests) {
    if (!hasRow(guest) || !matches(guest.row, input) || !fits(guest.row.name ?? '')) continue;
    const verdict = meetsAll(question.where, guest);
    if (verdict === true) selection.matching.push(guest);
    else if (verdict === undefined) selection.unjudged.push(guest);
  }
  return selection;
}

/** VMIDs of a type that a condition holds for, and those that it may hold for. */
export interface Chosen {
  ids: number[];
  unjudged: number[];
}

/**
 * Chooses among the configurations of a type alone, where conditions are on nothing else: the rows need not be read. Null where
 * more has to be looked at.
 */
export async function chooseByConfig(
  store: StoreReader,
  type: GuestType,
  { where, choosing: { needs, keys } }: Question<GuestFacts>,
): Promise<Chosen | null> {
  if (keys === undefined || needs.size !== 1 || where.some(bound => bound.needs !== 'config')) return null;
  const chosen: Chosen = { ids: [], unjudged: [] };
  // Configurations with equal devices may be one object, and nothing else of a guest is looked at.
  const verdicts = new Map<GuestConfig, Verdict>();
  for (const { id, config } of await store.configValues(type, keys)) {
    const verdict = verdicts.has(config)
      ? verdicts.get(config)
      : meetsAll(where, { type, vmid: id, config: { config, pending: null, snapshots: {} } });
    verdicts.set(config, verdict);
    if (verdict === true) chosen.ids.push(id);
    else if (verdict === undefined) chosen.unjudged.push(id);
  }
  return chosen;
}

function hasRow(guest: GuestFacts): guest is SeenGuest {
  return guest.row !== undefined;
}

function matches(guest: GuestFact, input: GuestListInput): boolean {
  return (
    (input.node === undefined || guest.node === input.node) &&
    (input.status === undefined || isStatus(guest.status, input.status)) &&
    (input.tag === undefined || hasTag(guest.tags, input.tag)) &&
    (input.pool === undefined || guest.pool === input.pool) &&
    (input.template === undefined || guest.template === input.template)
  );
}
