import { Option } from 'commander';
import * as z from 'zod';
import { suggestedWords } from '../mcp/define/input.ts';
import type { ToolDefinition } from '../mcp/define/tool.ts';
import { kebab, wordOption } from './flags.ts';

/** One argument of a tool as a flag. */
export interface ToolOption {
  argument: string;
  /** Without its dashes. */
  flag: string;
  option: Option;
}

interface Property {
  type?: string;
  enum?: string[];
  items?: { enum?: string[] };
  description?: string;
}

/** The flags of a tool, from its input schema. Values stay text: the schema reads them, as it does for models. */
export function toolOptions(tool: ToolDefinition): ToolOption[] {
  const { properties = {} } = z.toJSONSchema(z.object(tool.input), { io: 'output' });
  return Object.entries(properties as { [name: string]: Property }).map(([argument, property]) => {
    const flag = kebab(argument);
    return { argument, flag, option: optionOf(flag, property, suggestedWords(tool.input[argument])) };
  });
}

function optionOf(
  flag: string,
  { type, description = '', ...property }: Property,
  suggested: readonly string[] | undefined,
): Option {
  const words = property.enum ?? property.items?.enum ?? suggested;
  if (words !== undefined) return wordOption(flag, words, description);
  if (type === 'array')
    return new Option(`--${flag} <text>`, `${description} Can be given several times.`).argParser(
      (value, before: string[] = []) => [...before, value],
    );
  if (type === 'boolean') return new Option(`--${flag} [true|false]`, description);
  return new Option(
    `--${flag} ${type === 'integer' || type === 'number' ? '<number>' : '<text>'}`,
    description,
  );
}
