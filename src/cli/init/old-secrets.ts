import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type Node, parseTree } from 'jsonc-parser';
import { holdsPassword } from '../../database/options.ts';
import { BACKUP_ENDING, readText } from './write-config.ts';

/** One of our secrets in a file that is not meant for secrets. */
export interface OldSecret {
  file: string;
  /** Its path in the file: `mcpServers.proxmox.env.PROXMOX_TOKEN`. */
  key: string;
}

/** A Proxmox token with its secret, or an address with a password, whatever its key is called. */
const TOKEN = /[^\s=!]+@[\w.-]+![\w.-]+=[0-9a-f]{8}-[0-9a-f-]{27}/i;
const DATABASE_ADDRESS = /postgres(?:ql)?:\/\/\S+/i;
const PROXMOX_ADDRESS = /https:\/\/[^\s/]*:[^\s/]*@/i;

/**
 * Our secrets in clients' configurations and in the copies `init` made of them, written there by older versions or people; never
 * their values. `names` are the variables whose value is secret. Files that cannot be read are skipped.
 */
export async function oldSecrets(files: readonly string[], names: readonly string[]): Promise<OldSecret[]> {
  const found: OldSecret[] = [];
  for (const file of new Set(files))
    for (const one of [file, ...(await copiesOf(file))]) {
      const text = await readText(one).catch(() => null);
      const tree = text === null ? undefined : parseTree(text, [], { allowTrailingComma: true });
      if (tree !== undefined) found.push(...secretsIn(tree, names).map(key => ({ file: one, key })));
    }
  return found;
}

async function copiesOf(file: string): Promise<string[]> {
  const names = await readdir(dirname(file)).catch(() => []);
  return names
    .filter(name => name.startsWith(`${basename(file)}${BACKUP_ENDING}`))
    .sort()
    .map(name => join(dirname(file), name));
}

/** The paths of secrets below a node. */
function secretsIn(node: Node, names: readonly string[], path: string[] = []): string[] {
  if (node.type === 'string') {
    const name = path.findLast(part => !/^\d+$/.test(part)) ?? '';
    return isSecret(name, String(node.value), names) ? [path.join('.')] : [];
  }
  return (node.children ?? []).flatMap((child, at) => {
    const [key, value] = child.type === 'property' ? (child.children ?? []) : [undefined, child];
    return value === undefined ? [] : secretsIn(value, names, [...path, String(key?.value ?? at)]);
  });
}

function isSecret(name: string, value: string, names: readonly string[]): boolean {
  // A client replaces `${...}` by a value that it keeps itself.
  if (value.trim() === '' || /^\$\{[^}]*\}$/.test(value.trim())) return false;
  const address = DATABASE_ADDRESS.exec(value)?.[0];
  return (
    names.includes(name) ||
    TOKEN.test(value) ||
    PROXMOX_ADDRESS.test(value) ||
    (address !== undefined && holdsPassword(address))
  );
}
