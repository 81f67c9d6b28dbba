import { kebab } from '../flags.ts';

/** Only a plan's id, for which there is a command. */
const PLAN_ALONE = /^ ?\{"plan":"(p-[0-9a-z]+)"\}$/;

/**
 * Text for models as text for people: a tool becomes a command (`list_tasks` -> `list-tasks`), and a tool with its arguments a
 * call that can be typed.
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
