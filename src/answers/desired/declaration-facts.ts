import { shortPath } from '../../desired/fields.ts';
import { fileLines, writtenFields } from '../../desired/file-lines.ts';
import { selectorId } from '../../desired/selector.ts';
import { formatTime } from '../../history/moment.ts';
import type { Row } from '../../mcp/define/output.ts';
import type { Declaration, Exception, RevisionEntity, Rule } from '../../model/declaration.ts';
import { clusterText, stateValue } from '../format/text.ts';

/** A rule as answers show it; `matches` is how many resources it matches now, if that was counted. */
export function ruleRow({ id, match, fields }: Rule, matches?: number): Row {
  return {
    id: clusterText(id, 300),
    match: Object.fromEntries(
      Object.entries(match).map(([name, value]) => [name, clusterText(String(value), 120)]),
    ),
    fields: fieldsShown(fields),
    ...(matches !== undefined && { matches }),
  };
}

function fieldsShown(fields: Rule['fields']): Row {
  return Object.fromEntries(
    Object.entries(writtenFields(fields)).map(([path, value]) => [
      clusterText(path, 120),
      // Null would read as "nothing declared", but the key is declared to be absent.
      value === null ? '' : stateValue(path, value),
    ]),
  );
}

/** An exception as answers show it at a moment (ms). */
export function exceptionRow(
  exception: Exception,
  { now, timeZone }: { now: number; timeZone: string },
): Row {
  const { match, path, value, owner, until, why } = exception;
  return {
    match: clusterText(selectorId(match), 300),
    field: shortPath(path),
    value: value === null ? '' : stateValue(path, value),
    owner: clusterText(owner, 80),
    until: formatTime(until, timeZone),
    why: why === null ? null : clusterText(why, 300),
    lapsed: until < now ? true : null,
  };
}

/** A revision without its content: number, when, who, why. */
export function revisionRow(
  { number, at, author, why, source, content }: RevisionEntity,
  timeZone: string,
): Row {
  return {
    revision: number,
    at: formatTime(at, timeZone),
    user: clusterText(author, 120),
    why: why === null ? null : clusterText(why, 300),
    source: source === 'file' ? 'file' : null,
    rules: content.rules.length,
    exceptions: content.exceptions.length,
  };
}

/** Lines for the declared file: these rules, and exceptions with the same selectors. */
export function linesToAdd(
  { rules, exceptions }: Declaration,
  touched: ReadonlySet<string>,
  timeZone: string,
): string[] {
  return fileLines(
    {
      rules: rules.filter(rule => touched.has(rule.id)),
      exceptions: exceptions.filter(one => touched.has(selectorId(one.match))),
    },
    ms => formatTime(ms, timeZone),
  );
}
