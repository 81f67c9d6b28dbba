import { kebab } from '../flags.ts';

/** A plan's id and nothing else, which has a command of its own. */
const PLAN_ALONE = /^ ?\{"plan":"(p-[0-9a-z]+)"\}$/;

/**
 * What is said to models, for people: a tool is a command (`list_tasks` -> `list-tasks`), and a tool with its arguments
 * a call as it can be typed.
 */
export function asCommands(text: string, tools: readonly { name: string }[]): string {
  const names = tools.map(({ name }) => name).filter(name => name.includes('_'));
  return text.replace(
    new RegExp(`\\b(${names.join('|')})\\b( \\{[^{}]*\\})?`, 'g'),
    (_, name: string, json: string | undefined) => {
      if (json === undefined) return kebab(name);
      const plan = PLAN_ALONE.exec(json)?.[1];
      return name === 'apply_plan' && plan !== undefined
        ? `proxmox-mpc apply ${plan}`
        : `proxmox-mpc call ${name} '${json.trim()}'`;
    },
  );
}
