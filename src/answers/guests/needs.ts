import type { Facet } from '../../model/facet.ts';
import type { GuestType } from '../../model/resource.ts';
import { readQuestion } from '../where/question.ts';
import { guestBook } from './fields.ts';
import type { GuestListInput } from './list-input.ts';

const FACET_OF: { [part: string]: Facet } = { config: 'config', backups: 'backups', interfaces: 'addresses' };

/**
 * A function that tells which facets a list of guests of these types needs. It throws UsageError for invalid conditions and
 * fields, before anything is read.
 */
export function needsOf(types: readonly GuestType[]): (input: GuestListInput) => readonly Facet[] {
  return input => {
    if (!input.where?.length && !input.show?.length && !input.group?.length) return ['inventory'];
    const past = input.at !== undefined;
    const clock = { now: Date.now(), timeZone: 'UTC' };
    const { needs } = readQuestion(input, guestBook(types), clock, past);
    return past ? ['inventory'] : ['inventory', ...[...needs].flatMap(part => FACET_OF[part] ?? [])];
  };
}
