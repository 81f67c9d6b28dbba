import { checkCalled, isAboutCheck } from '../../desired/accepted-check.ts';
import { withException } from '../../desired/declaration.ts';
import { splitSetting } from '../../desired/setting.ts';
import { untilOf } from '../../desired/until.ts';
import { UsageError } from '../../errors.ts';
import { CHECK_NAMES } from '../../health/index.ts';
import { formatTime } from '../../history/moment.ts';
import type { ToolContext } from '../../mcp/define/tool.ts';
import { CHECK_PATH, type Declaration, type Exception, type Selector } from '../../model/declaration.ts';
import { clusterNow } from '../cluster-clock.ts';
import { clusterText } from '../format/text.ts';
import { needsSelector, readSettings, splitSettings } from './settings.ts';

/** What a call accepts, until when, and who is responsible. */
export interface AcceptInput {
  accept?: string[] | undefined;
  until?: string | undefined;
  owner?: string | undefined;
  why?: string | undefined;
}

type Asking = Pick<ToolContext, 'store' | 'now' | 'timeZone' | 'client'>;

/**
 * The declaration with an exception for each value, and each finding, that a call accepts; adds hints to `notes`.
 * @throws UsageError for an exception without an end, or that has ended already
 */
export async function accepted(
  declaration: Declaration,
  input: AcceptInput & { accept: string[] },
  match: Selector,
  { asking, notes }: { asking: Asking; notes: string[] },
): Promise<Declaration> {
  needsSelector(match, 'accept');
  const until = await endOf(input, asking);
  const owner = clusterText(input.owner ?? asking.client, 100) || 'unknown';
  const why = input.why === undefined ? null : clusterText(input.why, 1_000);
  const of: Pick<Exception, 'match' | 'owner' | 'until' | 'why'> = { match, owner, until, why };
  let content = declaration;
  for (const [path, value] of acceptedValues(input.accept, match)) {
    if (/[+-]$/.test(path))
      throw new UsageError('accept takes whole values.', { hint: 'Write the whole list: tags=prod;web.' });
    content = withException(content, { ...of, path, value });
    const isDeclared = path === CHECK_PATH || content.rules.some(rule => rule.fields[path] !== undefined);
    if (!isDeclared) notes.push(`No rule declares ${path}: there is nothing yet that this excepts from.`);
  }
  return content;
}

/** Paths with the accepted values; for findings the names of their checks. */
function acceptedValues(accept: readonly string[], match: Selector): [string, Exception['value']][] {
  const written = accept.flatMap(splitSettings).map(text => ({ text, ...splitSetting(text) }));
  const ofFields = written.filter(one => !isAboutCheck(one)).map(({ text }) => text);
  const isOfFields = ofFields.length > 0 || written.length === 0;
  return [
    ...written
      .filter(isAboutCheck)
      .map(({ value }): [string, string] => [CHECK_PATH, checkCalled(value, CHECK_NAMES)]),
    ...(isOfFields ? Object.entries(readSettings(ofFields, match)) : []),
  ];
}

async function endOf({ until: written }: AcceptInput, { store, now, timeZone }: Asking): Promise<number> {
  if (written === undefined)
    throw new UsageError('accept needs until: an exception without an end is a rule.', {
      hint: 'Add until, such as 2026-12-15; set declares the value for good.',
    });
  const until = untilOf(written, timeZone);
  const present = await clusterNow({ store, now });
  if (until > present) return until;
  throw new UsageError(`until lies in the past: it is ${formatTime(present, timeZone)} now.`, {
    hint: 'Name a day to come, such as the last one on which the value is accepted.',
  });
}

/** Whether a call is only about findings, which nodes and the cluster have, too. */
export function isAboutFindings({
  accept = [],
  remove = [],
  set,
  like,
}: AcceptInput & { [argument in 'remove' | 'set']?: string[] | undefined } & {
  like?: string | undefined;
}): boolean {
  if (set !== undefined || like !== undefined) return false;
  const all = [...accept.flatMap(splitSettings).map(splitSetting), ...remove.map(field => ({ field }))];
  return all.length > 0 && all.every(one => isAboutCheck(one) || ALL_OF_IT.test(one.field));
}

/** The words in `remove` for everything in a selector's rule. */
export const ALL_OF_IT = /^(?:true|yes|all|1)$/i;
