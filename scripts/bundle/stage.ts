import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mcpbManifest, packageOf, pluginManifest } from './manifests.ts';

const COPIED = [
  'dist',
  'prisma/migrations',
  'prisma/postgresql/migrations',
  'README.md',
  'CHANGELOG.md',
  'LICENSE',
  // Without its C sources, which only a compiler needs.
  ...['lib', 'prebuilds', 'package.json', 'LICENSE'].map(part => `node_modules/better-sqlite3/${part}`),
];

/** Fills a folder that serves as content of an MCPB bundle and as a Claude Code plugin, from a built checkout. */
export function stageBundle(root: string, folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, '.claude-plugin'), { recursive: true });
  for (const path of COPIED) cpSync(join(root, path), join(folder, path), { recursive: true });
  cpSync(join(root, 'scripts/bundle/launcher.cjs'), join(folder, 'launcher.cjs'));
  const manifest = packageOf(root);
  const { name, version, type, license } = manifest;
  const write = (path: string, content: object) =>
    writeFileSync(join(folder, path), `${JSON.stringify(content, null, 2)}\n`);
  write('package.json', { name, version, type, license });
  write('manifest.json', mcpbManifest(manifest));
  write('.claude-plugin/plugin.json', pluginManifest(manifest));
}
