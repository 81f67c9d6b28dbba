import { typesOf } from '../../desired/fields.ts';
import { readSetting, splitSetting } from '../../desired/setting.ts';
import { UsageError } from '../../errors.ts';
import type { DeclaredFields, Selector } from '../../model/declaration.ts';

/** All settings for one selector. @throws UsageError for one that cannot be read, and for two of the same field */
export function readSettings(texts: readonly string[], match: Selector): DeclaredFields {
  const fields: DeclaredFields = {};
  for (const text of texts.flatMap(splitSettings)) {
    const read = readSetting(splitSetting(text), typesOf(match));
    for (const [path, value] of Object.entries(read)) {
      const was = fields[path];
      const both = was !== undefined && Array.isArray(was) && Array.isArray(value) && /[+-]$/.test(path);
      if (was !== undefined && !both)
        throw new UsageError(`${path} is set twice.`, { hint: 'Give each field one value.' });
      fields[path] = both ? [...new Set([...(was as string[]), ...(value as string[])])].sort() : value;
    }
  }
  if (Object.keys(fields).length > 0) return fields;
  throw new UsageError('set names no setting.', { hint: 'Write {"set":["memory=8192","tags+=prod"]}.' });
}

/** Splits several settings in one text, as models write lists: `memory=8192,onboot=1`, but not the parts of a property string. */
export function splitSettings(text: string): string[] {
  const parts = text.split(/,\s*(?=[A-Za-z][\w.-]*[+-]?=)/);
  return parts.every(part => /^[^=]*=[^=]*$/.test(part)) ? parts : [text];
}

/** @throws UsageError where no resource is selected; `what` is the argument that needs one */
export function needsSelector(match: Selector, what: string): void {
  if (Object.keys(match).length > 0) return;
  throw new UsageError(`${what} needs to know of which resources.`, {
    hint: 'Name a resource, or give type, name, tag, pool or node. type vm means all VMs.',
  });
}
