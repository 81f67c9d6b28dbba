import type { ApplyingHere } from '../../mcp/define/applying.ts';
import type { ApplyRefusal } from '../../model/applying.ts';
import { clusterText } from '../format/text.ts';

/** Said where this program cannot carry out plans. */
const OFF =
  'Writing is switched off: nothing here carries plans out. A person may run commands, in this order.';

/** Obstacles named in one sentence. */
const NAMED = 3;

/**
 * How a plan can be carried out in this configuration, or why it cannot. `obstacles`: what stands in the way; null if that was
 * not checked.
 */
export function approveText(
  plan: string,
  applying: ApplyingHere | undefined,
  obstacles: readonly ApplyRefusal[] | null,
): string {
  if (applying === undefined) return OFF;
  if (obstacles !== null && obstacles.length > 0) {
    const more = obstacles.length > NAMED ? ` And ${obstacles.length - NAMED} more.` : '';
    const what = obstacles.slice(0, NAMED).map(one => clusterText(one.what, 300));
    return `It cannot be carried out here as it is. ${what.join(' ')}${more} A person may run commands, in this order.`;
  }
  const call = `Show the steps; apply_plan {"plan":"${plan}"} carries them out`;
  if (applying.approval === 'host') return `${call}, once the host's own prompt for that call is agreed to.`;
  switch (applying.asks) {
    case 'elicitation':
      return `${call}, once a person has agreed: they are asked by the client then.`;
    case 'terminal':
      return `\`proxmox-mpc apply ${plan}\` shows the steps, has the plan's id typed, and carries them out.`;
    case null:
      return `${call}, once a person has run \`proxmox-mpc approve ${plan}\` at a terminal and typed the plan's id. Nobody else can approve it.`;
  }
}
