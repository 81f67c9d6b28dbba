import { grantCommands, type Held, LEVELS, shows } from './token-levels.ts';

/** One finding about a connection. */
export interface Finding {
  level: 'good' | 'doubtful' | 'bad';
  text: string;
  /** What to do about it. */
  next?: string;
}

/** True if nothing at all can be seen: Proxmox then answers with empty lists. */
export function seesNothing(held: Held): boolean {
  return Object.values(held).every(privileges => Object.keys(privileges).length === 0);
}

/** What a token may and may not see, with the commands that change it. */
export function checkRights(held: Held, identity: string): Finding[] {
  if (seesNothing(held)) {
    const why = identity.includes('!') ? ' (a token with privilege separation has none of its user’s)' : '';
    const next = onNode(grantCommands(LEVELS[0], identity));
    return [{ level: 'bad', text: `may see nothing: ${identity} has no privileges${why}`, next }];
  }
  return LEVELS.flatMap(level =>
    level.sights.map((sight): Finding => {
      if (shows(sight, held)) return { level: 'good', text: `may see ${sight.sees}` };
      const needs = sight.needs.map(({ anyOf: [first] }) => first).join(' and ');
      return {
        level: 'doubtful',
        text: `may not see ${sight.sees}: ${sight.without} (needs ${needs})`,
        next: onNode(grantCommands(level, identity)),
      };
    }),
  );
}

function onNode(commands: string[]): string {
  return `on a node: ${commands.join('; ')}`;
}
