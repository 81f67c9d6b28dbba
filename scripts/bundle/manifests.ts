import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OptionDefinition } from '../../src/config/option.ts';
import { OPTIONS } from '../../src/config/options.ts';
import { tools } from '../../tools/index.ts';

/** The parts of package.json that the manifests repeat. */
export interface Package {
  name: string;
  version: string;
  type: string;
  mcpName: string;
  description: string;
  license: string;
  homepage: string;
  keywords: string[];
  repository: { url: string };
}

export function packageOf(root: string): Package {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Package;
}

/** What a person is asked when installing the server, in this order; without any answer, the demo is served. */
const ASKED: { [name: string]: { title: string; definition: OptionDefinition } } = {
  url: { title: 'Address', definition: OPTIONS.url },
  token_id: { title: 'API token', definition: OPTIONS.tokenId },
  token_secret: { title: 'Secret of the token', definition: OPTIONS.tokenSecret },
  ca_file: { title: 'CA certificate', definition: OPTIONS.caFile },
  fingerprint: { title: 'Certificate fingerprint', definition: OPTIONS.fingerprint },
};

/** The variables for those answers; `of` writes the placeholder for an answer in a host's files. */
export function askedVariables(of: (name: string) => string): { [variable: string]: string } {
  return Object.fromEntries(
    Object.entries(ASKED).map(([name, { definition }]) => [definition.env[0]!, of(name)]),
  );
}

/** The questions as a list, to be worded for a host. */
export function askedInputs(): { id: string; title: string; description: string; secret: boolean }[] {
  return Object.entries(ASKED).map(([id, { title, definition }]) => ({
    id,
    title,
    description: `${definition.help}${definition.secret ? '' : ` For example ${definition.example}`}`,
    secret: definition.secret === true,
  }));
}

const userConfig = (name: string) => `\${user_config.${name}}`;
const about = ({ name, version, description, license, homepage, keywords }: Package) => ({
  name,
  version,
  description,
  author: { name: 'proxmox-mpc contributors', url: homepage },
  homepage,
  license,
  keywords,
});

/** manifest.json of the MCPB bundle (version 0.3 of its schema): the host asks, and keeps the secret in the keychain. */
export function mcpbManifest(manifest: Package) {
  const user_config = Object.fromEntries(
    askedInputs().map(({ id, title, description, secret }) => [
      id,
      {
        type: id.endsWith('_file') ? 'file' : 'string',
        title,
        description,
        required: false,
        ...(secret && { sensitive: true }),
      },
    ]),
  );
  return {
    manifest_version: '0.3',
    display_name: 'Proxmox VE state and history',
    ...about(manifest),
    repository: { type: 'git', url: manifest.repository.url.replace(/^git\+/, '') },
    server: {
      type: 'node',
      entry_point: 'launcher.cjs',
      mcp_config: {
        command: 'node',
        args: [`\${__dirname}/launcher.cjs`],
        env: askedVariables(userConfig),
      },
    },
    tools: tools
      .filter(({ unlisted }) => unlisted !== true)
      .map(({ name, title }) => ({ name, description: title })),
    prompts_generated: true,
    compatibility: { platforms: ['darwin', 'win32', 'linux'], runtimes: { node: '>=22.14.0' } },
    user_config,
  };
}

/** .claude-plugin/plugin.json for Claude Code: the same server from the same folder. */
export function pluginManifest(manifest: Package) {
  return {
    ...about(manifest),
    repository: manifest.repository.url.replace(/^git\+/, ''),
    mcpServers: {
      proxmox: {
        command: 'node',
        args: [`\${CLAUDE_PLUGIN_ROOT}/launcher.cjs`],
        env: askedVariables(userConfig),
      },
    },
    userConfig: Object.fromEntries(
      askedInputs().map(({ id, title, description, secret }) => [
        id,
        { type: id.endsWith('_file') ? 'file' : 'string', title, description, sensitive: secret },
      ]),
    ),
  };
}
