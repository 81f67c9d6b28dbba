import { expect, test } from 'vitest';
import {
  cursorLink,
  cursorWebLink,
  PUBLISHED,
  vscodeLink,
  vscodeWebLink,
} from '../../../scripts/bundle/links.ts';
import { mcpbManifest, packageOf, pluginManifest } from '../../../scripts/bundle/manifests.ts';
import { root } from '../../../scripts/generated.ts';
import type { OptionDefinition } from '../../../src/config/option.ts';
import { OPTIONS } from '../../../src/config/options.ts';

const manifest = packageOf(root);
const options = Object.values(OPTIONS) as OptionDefinition[];
const secrets = new Set(options.flatMap(({ env, secret }) => (secret ? env : [])));
const known = new Set(options.flatMap(({ env }) => env));

interface Server {
  env: { [variable: string]: string };
  inputs: { id: string; password?: boolean }[];
}

/** What a host does with a link: the opposite of what made it. */
const decoded = {
  vscode: (link: string) =>
    JSON.parse(decodeURIComponent(link.replace(/^vscode:mcp\/install\?/, ''))) as Server,
  vscodeWeb: (link: string): Server => decoded.vscode(new URL(link).searchParams.get('url')!),
  cursor: (link: string) =>
    JSON.parse(Buffer.from(new URL(link).searchParams.get('config')!, 'base64').toString('utf8')) as Server,
};

test('links say what they were made from, also where paths need escaping', () => {
  const odd = { command: '/opt/my node/bin/node', args: ['/home/jürgen & co/?#+=/proxmox-mpc.js', 'serve'] };
  for (const start of [PUBLISHED, odd])
    for (const server of [
      decoded.vscode(vscodeLink(start)),
      decoded.vscodeWeb(vscodeWebLink(start)),
      decoded.cursor(cursorLink(start)),
      decoded.cursor(cursorWebLink(start)),
    ]) {
      expect(server).toMatchObject(start);
      expect(Object.keys(server.env).filter(name => !known.has(name))).toEqual([]);
      expect(server.env).toHaveProperty('PROXMOX_URL');
    }
});

test('every host asks for the same, and keeps each secret and nothing else as one', () => {
  const code = decoded.vscode(vscodeLink(PUBLISHED));
  const hidden = {
    vscode: code.inputs.flatMap(({ id, password }) => (password ? [`\${input:${id}}`] : [])),
    mcpb: Object.entries(mcpbManifest(manifest).user_config).flatMap(([id, one]) =>
      one.sensitive ? [`\${user_config.${id}}`] : [],
    ),
    plugin: Object.entries(pluginManifest(manifest).userConfig).flatMap(([id, one]) =>
      one.sensitive ? [`\${user_config.${id}}`] : [],
    ),
  };
  const env = {
    vscode: code.env,
    mcpb: mcpbManifest(manifest).server.mcp_config.env,
    plugin: pluginManifest(manifest).mcpServers.proxmox.env,
  };
  for (const host of ['vscode', 'mcpb', 'plugin'] as const) {
    const kept = Object.entries(env[host]).flatMap(([name, value]) => (secrets.has(name) ? [value] : []));
    expect(kept, host).toEqual(hidden[host]);
    expect(kept.length).toBe(1);
    expect(Object.keys(env[host])).toEqual(Object.keys(env.vscode));
  }
});
