import * as z from 'zod';
import { UsageError } from '../../errors.ts';
import { nearest } from '../../history/resource-name.ts';
import { quoted } from '../../text/cluster-text.ts';
import { type Arguments, checkResumed, resumeArguments } from '../define/cursor.ts';
import type { ToolDefinition } from '../define/tool.ts';

/**
 * Makes a function that reads the arguments of calls to these tools: strictly by the tool's schema, added to those that a cursor
 * carries. It throws UsageError, which names each fault and what was probably meant.
 */
export function argumentReader(
  tools: readonly ToolDefinition[],
): (tool: ToolDefinition, args: unknown) => Arguments {
  const schemas = new Map<string, z.ZodObject>();
  /** Made at a tool's first call, so that the start need not wait for it. */
  const schemaOf = (tool: ToolDefinition): z.ZodObject => {
    const schema = schemas.get(tool.name) ?? z.strictObject(tool.input);
    schemas.set(tool.name, schema);
    return schema;
  };
  return (tool, args) => {
    const isObject = typeof args === 'object' && !Array.isArray(args);
    const parsed = schemaOf(tool).safeParse(isObject ? resumeArguments(args as Arguments) : args);
    if (!parsed.success) throw refusal(tool, args as Arguments, parsed.error, tools);
    checkResumed(parsed.data);
    return parsed.data;
  };
}

/** The refusal of a tool that does not exist, with similar names. */
export function unknownTool(name: string, known: Iterable<string>): UsageError {
  const names = [...known];
  const near = nearest(name, names);
  return new UsageError(`There is no tool ${quoted(name)}.`, {
    hint: near.length > 0 ? `Did you mean ${near.join(' or ')}?` : `The tools are ${names.join(', ')}.`,
  });
}

function refusal(
  tool: ToolDefinition,
  args: Arguments,
  error: z.ZodError,
  tools: readonly ToolDefinition[],
): UsageError {
  const known = Object.keys(tool.input);
  const faults = error.issues.slice(0, 5).map(issue => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys
        .map(key => `no argument ${quoted(key)}${didYouMean(key, known) || whoHas(key, tools)}`)
        .join('; ');
    }
    const [name = 'arguments'] = issue.path.map(String);
    if (issue.path.length === 1 && !Object.hasOwn(args, name)) return `${name} is needed`;
    return `${issue.path.join('.') || name}: ${issue.message}`;
  });
  return new UsageError(`${tool.name}: ${faults.join('; ')}.`, {
    hint:
      known.length === 0
        ? `${tool.name} takes no arguments.`
        : `Its arguments are ${known.join(', ')}. Example: ${JSON.stringify(tool.example)}`,
  });
}

function didYouMean(key: string, known: string[]): string {
  const [near] = nearest(key, known, 1);
  return near === undefined ? '' : ` (did you mean ${near}?)`;
}

/** Names the only other tool that has this argument: the question was put to the wrong tool. */
function whoHas(key: string, tools: readonly ToolDefinition[]): string {
  const [one, ...others] = tools.filter(tool => tool.forApps !== true && Object.hasOwn(tool.input, key));
  return one === undefined || others.length > 0 ? '' : ` (${one.name} has it)`;
}
