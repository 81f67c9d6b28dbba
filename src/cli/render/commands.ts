import { kebab } from '../flags.ts';

/**
 * What is said to models, for people: a tool is a command (`list_tasks` -> `list-tasks`), and a tool with its arguments
 * a call as it can be typed.
 */
export function asCommands(text: string, tools: readonly { name: string }[]): string {
  const names = tools.map(({ name }) => name).filter(name => name.includes('_'));
  return text.replace(
    new RegExp(`\\b(${names.join('|')})\\b( \\{[^{}]*\\})?`, 'g'),
    (_, name: string, json: string | undefined) =>
      json === undefined ? kebab(name) : `proxmox-mpc call ${name} '${json.trim()}'`,
  );
}
