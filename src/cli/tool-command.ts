import type { Command } from 'commander';
import * as z from 'zod';
import { UsageError } from '../errors.ts';
import type { ToolDefinition } from '../mcp/define/tool.ts';
import { addExamples } from './examples.ts';
import { EXIT, type Outcome } from './exit.ts';
import { flagsOf, kebab } from './flags.ts';
import type { Host } from './host.ts';
import { personAt } from './person.ts';
import { about, answer } from './render/answer.ts';
import { asCommands } from './render/commands.ts';
import { progressBar } from './render/progress.ts';
import { errorText, structuredOf } from './result.ts';
import { toolOptions } from './tool-options.ts';

/** Arguments that people write without a flag: what the question is about. */
const POSITIONAL = ['resource', 'query', 'upid', 'sql'];

/** Shorter names that scripts rely on. */
const ALIASES: { readonly [tool: string]: string } = { plan_changes: 'plan' };

/**
 * Adds a tool as a command: its arguments as flags, its answer as a table or, with `--json`, unchanged. Flags are made only
 * where the command line may be about them: those of all tools take a seventh of a start.
 */
export function addToolCommand(
  program: Command,
  tool: ToolDefinition,
  host: Host,
  { outcome, argv }: { outcome: Outcome; argv: readonly string[] },
): void {
  const description = describe(tool);
  const command = program.command(kebab(tool.name)).summary(summaryOf(description)).description(description);
  const alias = ALIASES[tool.name];
  if (alias !== undefined) command.alias(alias);
  const positional = POSITIONAL.find(name => name in tool.input);
  if (positional !== undefined) command.argument(`[${positional}]`, describeField(tool, positional));
  const names = [command.name(), ...command.aliases(), 'completion'];
  const options = names.some(name => argv.includes(name)) ? toolOptions(tool) : [];
  for (const { option } of options) command.addOption(option);
  command.option('--json', 'print the answer as JSON');
  addExamples(command, exampleLine(tool, positional));
  command.action(async (...parameters) => {
    const given = positional === undefined ? undefined : (parameters[0] as string | undefined);
    const flags = flagsOf(command);
    const input: { [argument: string]: unknown } = {};
    for (const { argument, flag } of options) if (flags[flag] !== undefined) input[argument] = flags[flag];
    if (given !== undefined && positional !== undefined) {
      if (input[positional] !== undefined)
        throw new UsageError(`${positional} is given twice: as --${positional} and without a flag.`);
      input[positional] = given;
    }
    check(tool, input, positional);
    outcome.exitCode = await show(tool, input, flags['json'] === true, host, flags);
  });
}

async function show(
  tool: ToolDefinition,
  input: { [argument: string]: unknown },
  json: boolean,
  { output, session, terminal, tools }: Host,
  flags: ReturnType<typeof flagsOf>,
): Promise<number> {
  const opened = await session(flags);
  const bar = progressBar({ live: json ? null : output.live });
  const person = personAt(terminal, output);
  try {
    const result = await opened.runner.run(tool.name, input, {
      progress: bar.show,
      ...(person && { person }),
    });
    if (json) output.out(`${JSON.stringify(structuredOf(result), null, output.width === null ? 0 : 2)}\n`);
    else if (result.isError) output.note(`${asCommands(errorText(result), tools)}\n`);
    else {
      const { approve, ...others } = structuredOf(result);
      const facts = {
        ...others,
        ...(typeof approve === 'string' && { approve: asCommands(approve, tools) }),
      };
      output.out(answer(facts, output.width));
      output.note(asCommands(about(facts), tools));
    }
    return result.isError ? EXIT.failed : EXIT.ok;
  } finally {
    bar.clear();
    await opened.close();
  }
}

/** Checks the arguments before anything is opened. @throws UsageError */
function check(tool: ToolDefinition, input: { [argument: string]: unknown }, positional?: string): void {
  const parsed = z.strictObject(tool.input).safeParse(input);
  if (parsed.success) return;
  const faults = parsed.error.issues.map(({ path, message }) =>
    path[0] === positional && input[String(positional)] === undefined
      ? `the ${positional} is missing`
      : `--${kebab(path.join('.'))}: ${message}`,
  );
  throw new UsageError(`${kebab(tool.name)}: ${faults.join('; ')}`, {
    hint: `proxmox-mpc ${kebab(tool.name)} --help shows what is possible. Example: ${exampleLine(tool, positional)}`,
  });
}

/** A tool's description without its example, which is for models. */
function describe({ description }: ToolDefinition): string {
  return description.replace(/\s*Example: .*$/s, '');
}

/** The summary for the list of commands: the first sentence, up to a semicolon. */
function summaryOf(description: string): string {
  const [, sentence = description] = /^(.*?)[.;!?](?:\s|$)/s.exec(description) ?? [];
  return `${sentence}.`;
}

function describeField(tool: ToolDefinition, name: string): string {
  return (tool.input[name] as z.ZodType | undefined)?.description ?? '';
}

function exampleLine(tool: ToolDefinition, positional: string | undefined): string {
  const words = Object.entries(tool.example).map(([name, value]) => {
    const text = /^[\w./:@-]+$/.test(String(value)) ? String(value) : JSON.stringify(String(value));
    if (name === positional) return text;
    return value === true ? `--${kebab(name)}` : `--${kebab(name)} ${text}`;
  });
  return ['proxmox-mpc', kebab(tool.name), ...words].join(' ');
}
