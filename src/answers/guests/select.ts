import { namePattern } from '../../history/name-pattern.ts';
import type { GuestType } from '../../model/resource.ts';
import type { GuestConfig } from '../../model/state.ts';
import { isStatus } from '../../model/status.ts';
import type { StoreReader } from '../../model/store.ts';
import { meetsAll } from '../where/bind.ts';
import type { Verdict } from '../where/field.ts';
import type { Question } from '../where/question.ts';
import type { GuestFact } from './fact.ts';
import { hasTag } from './hints.ts';
import type { GuestListInput } from './list-input.ts';
import { type GuestMoment, loadGuests } from './load.ts';
import type { GuestFacts, GuestPart } from './sources.ts';

/** A guest with its row. */
export type SeenGuest = GuestFacts & { row: GuestFact };

/** Guests that match, and those of which it is unknown. */
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

/** VMIDs of a type that meet a condition, and those that may meet it. */
export interface Chosen {
  ids: number[];
  unjudged: number[];
  /** Every guest, with the keys of its configuration that were looked at. */
  guests: readonly GuestFacts[];
}

/**
 * Chooses by the configurations of a type alone, without reading rows, if the conditions are about nothing else. Null if more has
 * to be read.
 */
export async function chooseByConfig(
  store: StoreReader,
  type: GuestType,
  { where, choosing: { needs, keys } }: Question<GuestFacts>,
): Promise<Chosen | null> {
  if (keys === undefined || needs.size !== 1 || where.some(bound => bound.needs !== 'config')) return null;
  const guests = await configsAlone(store, type, keys);
  const chosen: Chosen = { ids: [], unjudged: [], guests };
  // Configurations with equal devices may be one object, and nothing else about a guest matters here.
  const verdicts = new Map<GuestConfig, Verdict>();
  for (const guest of guests) {
    const { config } = guest.config!;
    const verdict = verdicts.has(config) ? verdicts.get(config) : meetsAll(where, guest);
    verdicts.set(config, verdict);
    if (verdict === true) chosen.ids.push(guest.vmid);
    else if (verdict === undefined) chosen.unjudged.push(guest.vmid);
  }
  return chosen;
}

/** The guests of a type without their rows, with these keys of their configurations. */
async function configsAlone(
  store: StoreReader,
  type: GuestType,
  keys: readonly string[],
): Promise<GuestFacts[]> {
  const values = await store.configValues(type, keys);
  return values.map(({ id, config }) => ({
    type,
    vmid: id,
    config: { config, pending: null, snapshots: {} },
  }));
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
