import { readSelector } from '../../desired/selector.ts';
import { UsageError } from '../../errors.ts';
import { parseResourceName } from '../../history/resource-name.ts';
import type { ToolContext } from '../../mcp/define/tool.ts';
import { DECLARABLE_TYPES, type Selector } from '../../model/declaration.ts';
import { formatKey } from '../../model/resource.ts';
import { resolveResource } from '../names/resolve.ts';

/** The conditions of a selector as arguments of a call. */
export interface SelectorInput {
  resource?: string | undefined;
  type?: string | undefined;
  name?: string | undefined;
  tag?: string | undefined;
  pool?: string | undefined;
  node?: string | undefined;
}

/** The selector a call means. */
export interface MeantSelector {
  match: Selector;
  /** A hint about how a name was understood. */
  note: string | undefined;
}

/**
 * The selector of a call; empty if it has none. A name becomes the resource it means now; a key such as `vm/999` need not exist
 * yet.
 * @throws UsageError for an unknown name, and for a resource about which nothing can be declared
 */
export async function selectorOf(
  { resource, type, name, tag, pool, node }: SelectorInput,
  asking: Pick<ToolContext, 'store' | 'timeZone'>,
  { ofFindings = false }: { ofFindings?: boolean } = {},
): Promise<MeantSelector> {
  if (resource === undefined)
    return { match: readSelector({ type, name, tag, pool, node }), note: undefined };
  const { key, note } = await resourceCalled(resource, asking);
  if (!ofFindings && !DECLARABLE_TYPES.some(type => key.startsWith(`${type}/`)))
    throw new UsageError(`Nothing can be declared of ${key}.`, {
      hint: `Name one of ${DECLARABLE_TYPES.join(', ')}.`,
    });
  return { match: readSelector({ resource: key, type, name, tag, pool, node }), note };
}

async function resourceCalled(
  text: string,
  asking: Pick<ToolContext, 'store' | 'timeZone'>,
): Promise<{ key: string; note: string | undefined }> {
  const { types, vmid } = parseResourceName(text);
  if (types.length === 1 && vmid !== null) return { key: `${types[0]}/${vmid}`, note: undefined };
  const { key, note } = await resolveResource(asking, text);
  return { key: formatKey(key), note };
}
