import { UsageError } from '../errors.ts';
import { readFlag } from '../model/flag.ts';
import type { SqlToken, ViewName } from '../model/query.ts';
import { quoted } from '../text/cluster-text.ts';
import { columnTypes } from './catalogue.ts';
import { isSign } from './tokens.ts';
import type { ColumnType } from './view.ts';

const COMPARISONS = new Set(['=', '==', '<>', '!=', '<', '>', '<=', '>=']);
const NUMBER = /^\s*-?\d+(?:\.\d+)?\s*$/;
/** Proxmox's words for what views call `vm` and `container`. */
const TYPES: Readonly<Record<string, string>> = { qemu: 'vm', kvm: 'vm', lxc: 'container', ct: 'container' };

/**
 * Refuses to compare a column with a text it can never equal (`onboot = 'yes'`, `memory_mib > '8G'`, `type = 'qemu'`): SQLite
 * would find nothing, which would look like an answer.
 * @throws UsageError with what to write instead
 */
export function checkLiterals(
  tokens: readonly SqlToken[],
  views: ReadonlySet<ViewName>,
  aliases: ReadonlySet<string>,
): void {
  tokens.forEach(({ kind, text: column }, at) => {
    if (kind !== 'identifier' || aliases.has(column)) return;
    const [next, after, third] = tokens.slice(at + 1, at + 4);
    const isCompared = next?.kind === 'sign' && COMPARISONS.has(next.text);
    const isListed = next?.kind === 'keyword' && next.text === 'in' && isSign(after, '(');
    const value = isCompared ? after : isListed ? third : undefined;
    if (value?.kind !== 'text') return;
    const fault = faultOf(column, value.text, typeOf(column, views));
    if (fault !== null) throw new UsageError(`${column} is ${fault.is}, not ${quoted(value.text)}.`, fault);
  });
}

/** The type of a column, if it has the same one in all views of the statement. */
function typeOf(column: string, views: ReadonlySet<ViewName>): ColumnType | null {
  const [type, ...others] = new Set(columnTypes(column, views));
  return type === undefined || others.length > 0 ? null : type;
}

function faultOf(
  column: string,
  value: string,
  type: ColumnType | null,
): { is: string; hint: string } | null {
  if (type === 'flag' && !/^[01]$/.test(value))
    return { is: '0 or 1', hint: `Write ${column} = ${readFlag(value) === false ? 0 : 1}.` };
  if ((type === 'integer' || type === 'real') && !NUMBER.test(value))
    return { is: 'a number', hint: `Write it without quotes and unit, such as ${column} > 8.` };
  if (type === 'time' && value !== '' && !/^\d{4}/.test(value))
    return {
      is: 'a time such as 2026-11-28T18:00:00Z',
      hint: `Write ${column} > ago('7d'), or ${column} > '2026-11-28'.`,
    };
  const called = column === 'type' ? TYPES[value.toLowerCase()] : undefined;
  return called === undefined ? null : { is: 'vm or container', hint: `Write type = '${called}'.` };
}
