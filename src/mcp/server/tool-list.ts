import type { Tool } from '@modelcontextprotocol/sdk/types.js';
import * as z from 'zod';
import type { ToolDefinition } from '../define/tool.ts';

/**
 * The answer to tools/list, made once: hosts pay for every byte of it in each conversation. Pages are listed only for hosts that
 * draw them.
 */
export function toolList(tools: readonly ToolDefinition[], { apps = false } = {}): Tool[] {
  return tools
    .filter(({ unlisted, forApps }) => unlisted !== true && (apps || forApps !== true))
    .map(tool => ({
      name: tool.name,
      title: tool.title,
      description: tool.description,
      inputSchema: jsonSchema(tool.input) as Tool['inputSchema'],
      outputSchema: jsonSchema(tool.output) as NonNullable<Tool['outputSchema']>,
      annotations: tool.annotations,
      ...(apps && tool.app !== undefined && { _meta: { ui: uiOf(tool) } }),
    }));
}

function uiOf({ app, forApps }: ToolDefinition): object {
  return { resourceUri: app, ...(forApps && { visibility: ['app'] }) };
}

/** Plain JSON Schema of a flat shape, without keywords that tell a reader nothing. */
function jsonSchema(shape: z.ZodRawShape): object {
  const { properties = {}, required } = z.toJSONSchema(z.object(shape), { io: 'output' });
  return {
    type: 'object',
    properties: Object.fromEntries(
      Object.entries(properties).map(([name, schema]) => [name, stripped(schema)]),
    ),
    ...(required && required.length > 0 && { required }),
  };
}

const NOISE = new Set(['$schema', 'additionalProperties', 'propertyNames']);

function stripped(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(stripped);
  if (schema === null || typeof schema !== 'object') return schema;
  const entries = Object.entries(schema).filter(
    ([key, value]) =>
      !NOISE.has(key) &&
      // A number out of bounds is refused with the bounds.
      !((key === 'minimum' || key === 'maximum') && typeof value === 'number') &&
      key !== 'maxItems' &&
      !((key === 'minLength' || key === 'maxLength') && typeof value === 'number') &&
      !(key === 'properties' && Object.keys(value as object).length === 0) &&
      !(key === 'items' && JSON.stringify(stripped(value)) === '{"type":"object"}'),
  );
  return Object.fromEntries(entries.map(([key, value]) => [key, stripped(value)]));
}
