import type { OptionDefinition, OptionGroup } from './option.ts';
import { ENV_FILE, OPTION_LIST } from './options.ts';

const GROUPS: { [group in OptionGroup]: string } = {
  Proxmox: 'Reaching Proxmox VE',
  Writing: 'Writing, which is off unless it has a token of its own',
  Store: 'The store',
  Discovery: 'Freshness',
  Program: 'The program',
};

/** docs/configuration.md, written from the option table. */
export function configurationMarkdown(): string {
  const chapters = Object.entries(GROUPS).map(([group, title]) => {
    const rows = OPTION_LIST.filter(one => one.group === group).map(row);
    return `## ${title}\n\n| option | meaning | default |\n| --- | --- | --- |\n${rows.join('\n')}\n`;
  });
  return `# Configuration

<!-- Generated from src/config/options by \`npm run docs\`. Do not edit. -->

Every option is an environment variable; a few are flags too, which come first. \`--${ENV_FILE.flag} ${ENV_FILE.placeholder}\` names a
${ENV_FILE.help.charAt(0).toLowerCase()}${ENV_FILE.help.slice(1)}
Node.js has a flag of the same name and looks for it in every command line it is given, whatever the program: where the
file is missing it ends with exit code 9 and \`node: FILE: not found\` before the program starts. Started as
\`node -- dist/proxmox-mpc.js\` the flag is the program's alone, which says so with exit code 2.

An empty variable counts as unset, and so does one that holds a \`\${...}\` its host did not expand. A value that cannot be
used ends the program with exit code 2 before anything starts, with the option, the fault and an example. Secrets have no
flag, since other users of a machine can read a program's arguments, and are never printed.

${chapters.join('\n')}
## Where the store is

| system | file |
| --- | --- |
| Linux | \`$XDG_DATA_HOME/proxmox-mpc/proxmox-mpc.db\`, by default \`~/.local/share/proxmox-mpc/proxmox-mpc.db\` |
| macOS | \`~/Library/Application Support/proxmox-mpc/proxmox-mpc.db\` |
| Windows | \`%LOCALAPPDATA%\\proxmox-mpc\\proxmox-mpc.db\` |

A store belongs to one cluster; give each cluster its own. Where the cluster's root certificate was renewed, the store answers
as stale until \`proxmox-mpc db adopt\` has compared both and you agree. \`--demo\` never touches it: the simulated cluster has a store of
its own in the system's folder for temporary files, which goes when the program ends.

## Starting without a cluster

\`serve --demo-unless-configured\` serves the simulated cluster as long as PROXMOX_URL is unset, and yours as soon as it is
set. \`mcp.json\`, \`.mcp.json\` and \`.vscode/mcp.json\` in the checkout start it so.
`;
}

function row({ flag, env, placeholder, help, fallback, example, secret }: OptionDefinition): string {
  const names = [...(flag === undefined ? [] : [`--${flag}`]), ...env]
    .map(name => `\`${name}\``)
    .join('<br>');
  // Secrets have no example worth copying, except the store's address, which is rarely secret.
  const shown = secret && env[0] !== 'DATABASE_URL' ? '' : ` Example: \`${example}\``;
  const cells = [`${names} (\`${placeholder}\`)`, help + shown, fallback];
  return `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
