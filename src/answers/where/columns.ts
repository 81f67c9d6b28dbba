import { formatTime } from '../../history/moment.ts';
import type { Row } from '../../mcp/define/output.ts';
import type { Effective, ValueKind } from '../../model/config/index.ts';
import { clusterText, stateValue } from '../format/text.ts';
import { round } from '../format/units.ts';
import { type Element, type Field, type Named, valuesOf } from './field.ts';
import type { Column } from './question.ts';

/** Shown for an unknown value, which differs from an absent one. */
const NOT_KNOWN = 'not known';
const TEXT_AT_MOST = 200;
const ELEMENTS_AT_MOST = 20;

/** The columns of one fact by the names they were asked for; null for absent values. */
export function columnsOf<F>(columns: readonly Column<F>[], fact: F, timeZone: string): Row {
  return Object.fromEntries(columns.map(({ name, named }) => [name, cellOf(named, fact, timeZone)]));
}

function cellOf<F>(named: Named<F>, fact: F, timeZone: string): unknown {
  if (named.kind === 'field') {
    const { field } = named;
    if (field.applies?.(fact) === false) return null;
    return shownValue(field, field.whole?.(fact) ?? field.read(fact), timeZone);
  }
  const { element, part } = named;
  if (part === null && element.applies?.(fact) !== false) {
    const found = element.elements(fact);
    if (found === undefined) return NOT_KNOWN;
    const shown = found
      .slice(0, ELEMENTS_AT_MOST)
      .map(one => shownElement(element.shown.map(element.part), one, timeZone));
    return shown.length === 0 ? null : shown;
  }
  const values = keysOf(named, valuesOf(named, fact), timeZone);
  return values.length === 1 && values[0] === null ? null : values;
}

function shownElement(parts: (Field<Element> | undefined)[], one: Element, timeZone: string): Row {
  return Object.fromEntries(
    parts.flatMap(part => (part ? [[part.name, shownValue(part, part.read(one), timeZone)]] : [])),
  );
}

/** The keys that a fact with this value is grouped by: each of its values, null if it has none. */
export function keysOf<F>(
  named: Named<F>,
  value: Effective | undefined,
  timeZone: string,
): (string | number | null)[] {
  const field =
    named.kind === 'field' ? named.field : (named.part ?? named.element.part(named.element.defaultPart)!);
  const values = Array.isArray(value) && named.kind === 'element' ? value : [value];
  const shown = values.flatMap(one => shownValue(field, one as Effective | undefined, timeZone));
  return shown.length === 0 ? [null] : (shown as (string | number | null)[]);
}

/** A value as answers show it: secrets masked, times in the time zone, flags as 0 and 1, as Proxmox writes them. */
function shownValue(
  { kind, name }: { kind: ValueKind; name: string },
  value: Effective | undefined,
  timeZone: string,
): unknown {
  if (value === undefined) return NOT_KNOWN;
  if (value === null) return null;
  if (typeof value === 'boolean') return Number(value);
  if (typeof value === 'number') return kind === 'time' ? formatTime(value, timeZone) : round(value, 2);
  const masked = stateValue(`config.${name}`, value, TEXT_AT_MOST) as Effective;
  return Array.isArray(masked) ? masked.map(one => clusterText(String(one), 80)) : masked;
}
