import { bold, dim, doubtful, MARKS } from '../render/style.ts';
import {
  grantCommands,
  type Held,
  LEVELS,
  needlessPrivileges,
  reaches,
  tokenCommands,
} from '../token-levels.ts';

/** The token that the commands create if no existing one should be used. */
const OWN_TOKEN = 'mcp@pve!mpc';

const INDENT = '       ';

/** How to make a token if there is none yet. */
export function howToMakeToken(): string {
  const commands = [...tokenCommands(OWN_TOKEN), ...grantCommands(LEVELS[0], OWN_TOKEN)];
  return `A token that may only look, made on any node as root (the second command prints the secret, once):\n${block(commands)}\n`;
}

/** Which levels a token has reached, and the commands for a least-privilege token of each. */
export function levelText(held: Held, identity: string): string {
  const has = LEVELS.map(level => reaches(level, held));
  const reached = has.includes(false) ? has.indexOf(false) : LEVELS.length;
  const needless = needlessPrivileges(held);
  // If the token may do more than look, or is a user, a separate token is the better advice.
  const advised = identity.includes('!') && needless.length === 0 ? identity : OWN_TOKEN;
  const lines = [
    bold(`Level ${reached} of ${LEVELS.length}${reached === 0 ? '' : `: ${LEVELS[reached - 1]!.title}`}`),
  ];
  if (needless.length > 0)
    lines.push(
      `${doubtful('!')} ${identity} may do much that is never needed here (${some(needless)}): better make a token of its own.`,
    );
  lines.push(`Commands for a token that has just what a level needs, on any node as root:`);
  for (const [at, level] of LEVELS.entries()) {
    const make = at === 0 && advised === OWN_TOKEN ? tokenCommands(OWN_TOKEN) : [];
    lines.push(
      `  ${has[at] ? MARKS.good : MARKS.doubtful} ${at + 1}. ${level.title}: ${level.privileges ?? level.role}`,
      ...(level.note === undefined ? [] : [dim(`${INDENT}${level.note}`)]),
      block([...make, ...grantCommands(level, advised)]),
    );
  }
  return `${lines.join('\n')}\n`;
}

function block(commands: string[]): string {
  return commands.map(command => INDENT + command).join('\n');
}

function some(privileges: string[]): string {
  const [first, second] = privileges;
  if (privileges.length <= 2) return privileges.join(' and ');
  return `${first}, ${second} and ${privileges.length - 2} more`;
}
