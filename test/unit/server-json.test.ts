import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { packageOf } from '../../scripts/bundle/manifests.ts';
import { root } from '../../scripts/generated.ts';
import { OPTIONS } from '../../src/config/options.ts';

/** What the registry is told. */
interface Server {
  $schema: string;
  name: string;
  title: string;
  description: string;
  version: string;
  repository: { url: string };
  packages: [
    {
      identifier: string;
      version: string;
      environmentVariables: { name: string; isSecret?: boolean; format?: string; placeholder?: string }[];
    },
  ];
}

const server = JSON.parse(readFileSync(`${root}/server.json`, 'utf8')) as Server;
const manifest = packageOf(root);
const [npm] = server.packages;

test('names the package as the registry will find it: one name, one version', () => {
  expect(server.name).toBe(manifest.mcpName);
  expect(npm.identifier).toBe(manifest.name);
  expect([server.version, npm.version]).toEqual([manifest.version, manifest.version]);
  expect(manifest.repository.url).toBe(`git+${server.repository.url}.git`);
});

test('every option is a variable of it, and every secret is marked as one', () => {
  const options = Object.values(OPTIONS) as { env: readonly string[]; secret?: boolean }[];
  const named = npm.environmentVariables.map(({ name, isSecret }) => [name, isSecret === true]);
  expect(named).toEqual(options.map(({ env, secret }) => [env[0], secret === true]));
});

test('keeps the rules of the registry', () => {
  expect(server.$schema).toBe('https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json');
  expect(server.name).toMatch(/^io\.github\.[a-zA-Z0-9-]+\/[a-zA-Z0-9._-]+$/);
  expect(server.name.length).toBeLessThanOrEqual(200);
  expect(server.description.length).toBeLessThanOrEqual(100);
  expect(server.title.length).toBeLessThanOrEqual(100);
  // One version: no range, no tag.
  expect(server.version).toMatch(/^\d+\.\d+\.\d+(?:-[\w.]+)?$/);
  expect(npm).toMatchObject({
    registryType: 'npm',
    registryBaseUrl: 'https://registry.npmjs.org',
    transport: { type: 'stdio' },
    packageArguments: [{ type: 'positional', value: 'serve' }],
  });
  expect(Object.keys(server).sort()).toEqual(
    ['$schema', 'description', 'name', 'packages', 'repository', 'title', 'version'].sort(),
  );
  const known = ['name', 'description', 'isRequired', 'isSecret', 'format', 'choices', 'placeholder'];
  for (const one of npm.environmentVariables) {
    expect(one.name).toMatch(/^[A-Z][A-Z0-9_]*$/);
    expect(known).toEqual(expect.arrayContaining(Object.keys(one)));
    expect(['string', 'number', 'boolean', 'filepath', undefined]).toContain(one.format);
    if (one.isSecret) expect(one.placeholder).toBeUndefined();
  }
});
