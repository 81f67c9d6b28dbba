import { Option } from 'commander';
import * as z from 'zod';
import type { ToolDefinition } from '../mcp/define-tool.ts';
import { kebab } from './flags.ts';

/** One argument of a tool as a flag. */
export interface ToolOption {
  argument: string;
  /** Without its dashes. */
  flag: string;
  option: Option;
}

interface Property {
  type?: string;
  enum?: unknown[];
  description?: string;
}

/** The flags of a tool, from its input schema. Values stay text: the schema reads them, as it does for models. */
export function toolOptions(tool: ToolDefinition): ToolOption[] {
  const { properties = {} } = z.toJSONSchema(z.object(tool.input), { io: 'output' });
  return Object.entries(properties as { [name: string]: Property }).map(([argument, property]) => {
    const flag = kebab(argument);
    const option = new Option(`--${flag} ${placeholder(property)}`, property.description ?? '');
    return { argument, flag, option: property.type === 'boolean' ? option.preset('true') : option };
  });
}

function placeholder({ type, enum: words }: Property): string {
  if (type === 'boolean') return '[true|false]';
  if (type === 'integer' || type === 'number') return '<number>';
  if (words !== undefined) return `<${words.join('|')}>`;
  return '<text>';
}
