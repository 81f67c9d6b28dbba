import type { Command } from 'commander';
import { UsageError } from '../errors.ts';
import { nearest } from '../history/resource-name.ts';
import { addExamples } from './examples.ts';
import { EXIT, type Outcome } from './exit.ts';
import { flagsOf } from './flags.ts';
import type { Host, Session } from './host.ts';
import { structuredOf } from './result.ts';

/** Adds `call`: one tool call with JSON in and out, or with `-` one call for each line of standard input, in order. */
export function addCallCommand(program: Command, host: Host, outcome: Outcome): void {
  const command = program
    .command('call')
    .summary('Call a tool with JSON and print JSON.')
    .description(
      'Calls a tool with a JSON object of arguments and prints its answer as JSON; a failed call prints {"error"} and exits ' +
        'with 1. With - for the arguments, reads one JSON object per line from standard input and answers each with one line, in order.',
    )
    .argument('<tool>', 'the tool, such as list_vms')
    .argument('[json]', 'its arguments as a JSON object, or -', '{}')
    .action(async (name: string, json: string, _options, command: Command) => {
      const tool = toolNamed(name, host);
      const input = json === '-' ? null : objectOf(json);
      const session = await host.session(flagsOf(command));
      try {
        const failed =
          input === null ? await callEach(tool, session, host) : await callOnce(tool, input, session, host);
        outcome.exitCode = failed ? EXIT.failed : EXIT.ok;
      } finally {
        await session.close();
      }
    });
  addExamples(
    command,
    `proxmox-mpc call list_vms '{"status":"running","limit":5}'`,
    `printf '%s\\n' '{"node":"pve1"}' '{"node":"pve2"}' | proxmox-mpc call list_vms -`,
  );
}

/** Resolves to whether the call failed. */
async function callOnce(tool: string, input: object, session: Session, { output }: Host): Promise<boolean> {
  const result = await session.runner.run(tool, input);
  output.out(`${JSON.stringify(structuredOf(result), null, output.width === null ? 0 : 2)}\n`);
  return result.isError === true;
}

/**
 * Resolves to whether any call failed. A line that is no JSON object is answered, too, so that lines of input and output match.
 */
async function callEach(tool: string, session: Session, { output, lines }: Host): Promise<boolean> {
  let failed = false;
  const print = (answer: object) => output.out(`${JSON.stringify(answer)}\n`);
  for await (const line of lines()) {
    if (line.trim() === '') continue;
    try {
      const result = await session.runner.run(tool, objectOf(line));
      failed ||= result.isError === true;
      print(structuredOf(result));
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      failed = true;
      print({ error: error.message });
    }
  }
  return failed;
}

function toolNamed(name: string, { tools }: Host): string {
  const wanted = name.replaceAll('-', '_');
  if (tools.some(tool => tool.name === wanted)) return wanted;
  const names = tools.map(tool => tool.name);
  const near = nearest(wanted, names);
  throw new UsageError(`There is no tool "${name.slice(0, 60)}".`, {
    hint: near.length > 0 ? `Did you mean ${near.join(' or ')}?` : `The tools are ${names.join(', ')}.`,
  });
}

function objectOf(json: string): object {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw new UsageError(`"${json.slice(0, 80)}" is not JSON.`, {
      hint: `Quote it for the shell: proxmox-mpc call list_vms '{"status":"running"}'`,
    });
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new UsageError(`"${json.slice(0, 80)}" is not a JSON object.`, {
    hint: 'Arguments are an object, such as {"limit":5}.',
  });
}
