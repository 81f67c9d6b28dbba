import { UriTemplate } from '@modelcontextprotocol/sdk/shared/uriTemplate.js';
import { isWritable } from '../define/input.ts';
import type { ResourceDefinition } from '../define/resource.ts';

/** The definition for a URI and the values of its variables. */
export interface FoundResource {
  definition: ResourceDefinition;
  variables: { [name: string]: string };
}

/** Longer than any name (characters); the SDK's matcher throws for much longer URIs. */
const URI_AT_MOST = 2_000;

/** Whether a definition stands for many resources: its URI has variables. */
export function isTemplate(definition: ResourceDefinition): boolean {
  return definition.uri.includes('{');
}

/** Makes the look-up of URIs among these definitions; null for unknown URIs. */
export function resourceFinder(
  definitions: readonly ResourceDefinition[],
): (uri: string) => FoundResource | null {
  const fixed = new Map(definitions.filter(one => !isTemplate(one)).map(one => [one.uri, one]));
  const templates = definitions
    .filter(isTemplate)
    .map(definition => ({ definition, template: new UriTemplate(definition.uri) }));
  return uri => {
    if (uri.length > URI_AT_MOST) return null;
    const definition = fixed.get(uri);
    if (definition !== undefined) return { definition, variables: {} };
    for (const { definition, template } of templates) {
      const matched = template.match(uri);
      if (matched === null) continue;
      const variables = Object.entries(matched).map(
        ([name, value]) => [name, decode(String(value))] as const,
      );
      if (!variables.every(([, value]) => isWritable(value))) return null;
      return { definition, variables: Object.fromEntries(variables) };
    }
    return null;
  };
}

function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
