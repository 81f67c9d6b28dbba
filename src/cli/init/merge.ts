import { findNodeAtLocation, getNodeValue, type Node } from 'jsonc-parser';
import { UsageError } from '../../errors.ts';
import type { Client } from './clients.ts';
import { readTree, removeValue, setValue } from './json-text.ts';

/** How a client starts the server. */
export interface ServerEntry {
  command: string;
  args: string[];
  env: { [name: string]: string };
}

/** What to write, and where in the file. */
export interface Wanted {
  /** The server's name in the client. */
  name: string;
  entry: ServerEntry;
  /** Variables of an older entry to remove: they would override what is written. */
  stale: readonly string[];
}

/** What the file has under the name. `other` is an entry that starts another program. */
export type Before = 'nothing' | 'ours' | 'other';

/**
 * The text of a client's configuration with our server in it. Everything else stays byte for byte, including comments and unknown
 * keys of our own entry.
 * @throws UsageError for a text that cannot be understood: then nothing may be written
 */
export function merge(
  text: string,
  client: Pick<Client, 'servers' | 'comments' | 'typed'>,
  { name, entry, stale }: Wanted,
): { text: string; before: Before } {
  const mark = text.startsWith('\uFEFF') ? '\uFEFF' : '';
  const body = text.slice(mark.length);
  const at = [client.servers, name];
  const full = { ...(client.typed && { type: 'stdio' }), ...entry };
  if (body.trim() === '') return { text: `${mark}${setValue('{}', at, full)}\n`, before: 'nothing' };

  const root = readTree(body, client.comments);
  checkShape(root, [...at, 'env']);
  const old = findNodeAtLocation(root, at);
  if (old === undefined) return { text: mark + setValue(body, at, full), before: 'nothing' };
  const now = getNodeValue(old) as { command?: unknown; args?: unknown };
  if (!isOurs(now)) return { text: mark + setValue(body, at, full), before: 'other' };

  let merged = body;
  if (client.typed) merged = setValue(merged, [...at, 'type'], 'stdio');
  merged = setValue(merged, [...at, 'command'], entry.command);
  const tellsStore = 'DATABASE_URL' in entry.env || 'DATABASE_URL_FILE' in entry.env;
  const extra = extraArguments(now);
  const args = [...entry.args, ...(tellsStore ? withoutStore(extra) : extra)];
  if (JSON.stringify(args) !== JSON.stringify(now.args)) merged = setValue(merged, [...at, 'args'], args);
  for (const variable of stale)
    if (!(variable in entry.env)) merged = removeValue(merged, [...at, 'env', variable]);
  for (const [variable, value] of Object.entries(entry.env))
    merged = setValue(merged, [...at, 'env', variable], value);
  return { text: mark + merged, before: 'ours' };
}

/** Every level on the path must be an object and occur once: of two with the same name, the client might mean the other one. */
function checkShape(root: Node, path: string[]): void {
  let node: Node | undefined = root;
  for (let depth = 0; node !== undefined; depth++) {
    if (node.type !== 'object') {
      const what = depth === 0 ? 'its content' : `"${path.slice(0, depth).join('.')}"`;
      throw new UsageError(`${what} is no object`);
    }
    const named: Node[] = (node.children ?? []).filter(one => one.children?.[0]?.value === path[depth]);
    if (named.length > 1) throw new UsageError(`"${path[depth]}" is there twice`);
    node = named[0]?.children?.[1];
  }
}

/** Any spelling of this program: the package's name for npx, or its file. */
const PROGRAM = /(?:^|[/\\])proxmox-mpc(?:@[^/\\]*)?(?:\.js|\.cmd)?$|(?:^|[/\\])src[/\\]main\.ts$/;

function isOurs({ command, args }: { command?: unknown; args?: unknown }): boolean {
  const words = [command, ...(Array.isArray(args) ? args : [])];
  return words.some(word => typeof word === 'string' && PROGRAM.test(word));
}

/** Flags override variables: an older `--database-url` would override the store that is configured now. */
function withoutStore(args: unknown[]): unknown[] {
  return args.filter(
    (word, at) => !/^--database-url(?:=|$)/.test(String(word)) && args[at - 1] !== '--database-url',
  );
}

/** What someone added after `serve`, such as `--poll 60`. */
function extraArguments({ args }: { args?: unknown }): unknown[] {
  if (!Array.isArray(args)) return [];
  const at = args.indexOf('serve');
  return at === -1 ? [] : args.slice(at + 1).filter(one => one !== '--demo-unless-configured');
}
