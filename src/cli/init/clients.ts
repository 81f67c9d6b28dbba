import { posix, win32 } from 'node:path';

/** The facts about this machine that decide where programs keep their files. */
export interface Machine {
  platform: NodeJS.Platform;
  env: NodeJS.ProcessEnv;
  home: string;
  /** Names in a folder; empty if it does not exist. */
  list(folder: string): string[];
}

/** A program that starts MCP servers, and how it is configured. */
export interface Client {
  title: string;
  /** The file for all of the user's projects. */
  file(machine: Machine): string;
  /** The key under which it keeps its servers. */
  servers: 'mcpServers' | 'servers';
  /** It reads JSON with comments. */
  comments: boolean;
  /** Its entries name the transport. */
  typed: boolean;
  /** What to do until it knows the server. */
  afterwards: string;
}

/** Clients whose configuration can be written, by the name that `--client` takes. */
export const CLIENTS: { readonly [name: string]: Client } = {
  'claude-desktop': {
    title: 'Claude Desktop',
    file: machine => under(claudeFolder(machine), machine, 'claude_desktop_config.json'),
    servers: 'mcpServers',
    comments: false,
    typed: false,
    afterwards: 'Quit Claude Desktop and start it again.',
  },
  'claude-code': {
    title: 'Claude Code',
    // Its user scope, for every project.
    file: machine => under(machine.env['CLAUDE_CONFIG_DIR'] || machine.home, machine, '.claude.json'),
    servers: 'mcpServers',
    comments: false,
    typed: true,
    afterwards: 'Start Claude Code anew; /mcp shows the server.',
  },
  vscode: {
    title: 'VS Code',
    file: machine => under(configFolder(machine), machine, 'Code', 'User', 'mcp.json'),
    servers: 'servers',
    comments: true,
    typed: true,
    afterwards: 'Run "MCP: List Servers" in VS Code and start it.',
  },
  cursor: {
    title: 'Cursor',
    file: machine => under(machine.home, machine, '.cursor', 'mcp.json'),
    servers: 'mcpServers',
    comments: true,
    typed: false,
    afterwards: 'Start Cursor anew and switch the server on in its MCP settings.',
  },
};

function under(folder: string, { platform }: Machine, ...parts: string[]): string {
  return (platform === 'win32' ? win32 : posix).join(folder, ...parts);
}

/** Where applications keep their configuration. */
function configFolder(machine: Machine): string {
  const { platform, env, home } = machine;
  if (platform === 'win32') return env['APPDATA'] || under(home, machine, 'AppData', 'Roaming');
  if (platform === 'darwin') return under(home, machine, 'Library', 'Application Support');
  const xdg = env['XDG_CONFIG_HOME'];
  return xdg?.startsWith('/') ? xdg : under(home, machine, '.config');
}

/** Windows gives a packaged app, as Claude Desktop is by default, a private copy of the roaming folder. */
function claudeFolder(machine: Machine): string {
  if (machine.platform === 'win32') {
    const local = machine.env['LOCALAPPDATA'] || under(machine.home, machine, 'AppData', 'Local');
    const packages = under(local, machine, 'Packages');
    const name = machine.list(packages).find(one => one.startsWith('Claude_'));
    if (name !== undefined) return under(packages, machine, name, 'LocalCache', 'Roaming', 'Claude');
  }
  return under(configFolder(machine), machine, 'Claude');
}
