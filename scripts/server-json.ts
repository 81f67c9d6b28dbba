import type { OptionDefinition } from '../src/config/option.ts';
import { OPTIONS } from '../src/config/options.ts';

/** server.json, used to publish the package to the MCP registry: from package.json and the option table. */
export function serverJson(packageJson: string): string {
  const { name, mcpName, version, repository } = JSON.parse(packageJson) as {
    name: string;
    mcpName: string;
    version: string;
    repository: { url: string };
  };
  const server = {
    $schema: 'https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json',
    name: mcpName,
    title: 'Proxmox VE state and history',
    description:
      'Proxmox VE: what is there, what changed, when, and who did it. Only reads unless you let it write.',
    version,
    repository: { url: repository.url.replace(/^git\+|\.git$/g, ''), source: 'github' },
    packages: [
      {
        registryType: 'npm',
        registryBaseUrl: 'https://registry.npmjs.org',
        identifier: name,
        version,
        runtimeHint: 'npx',
        transport: { type: 'stdio' },
        packageArguments: [{ type: 'positional', value: 'serve' }],
        environmentVariables: Object.values(OPTIONS as { [name: string]: OptionDefinition }).map(variable),
      },
    ],
  };
  return `${JSON.stringify(server, null, 2)}\n`;
}

function variable({ env, help, secret, placeholder, example }: OptionDefinition): object {
  const [name] = env;
  const words = placeholder.split('|');
  return {
    name,
    description: help,
    ...(name === 'PROXMOX_URL' && { isRequired: true }),
    ...(secret && { isSecret: true }),
    ...(placeholder === 'file' && { format: 'filepath' }),
    ...(placeholder === 'true|false' && { format: 'boolean' }),
    ...(words.length > 1 && placeholder !== 'true|false' && { choices: words }),
    // An example of a secret might be taken for a real one.
    ...(!secret && words.length === 1 && { placeholder: example }),
  };
}
