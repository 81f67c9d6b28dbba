import { execFileSync } from 'node:child_process';
import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { packageOf } from './bundle/manifests.ts';
import { stageBundle } from './bundle/stage.ts';
import { root } from './generated.ts';

/*
 * Has the official tool validate and pack the bundle, and shows its size. One bundle for all platforms: what differs
 * between them is 2 MB of addon each.
 */

const TOOL = '@anthropic-ai/mcpb@2.1.2';
const folder = join(root, 'bundle');
const { name, version } = packageOf(root);
const file = join(root, `${name}-${version}.mcpb`);
const mcpb = (...args: string[]) =>
  execFileSync('npx', ['--yes', '--prefer-offline', TOOL, ...args], { cwd: root, stdio: 'inherit' });

stageBundle(root, folder);
mcpb('validate', join(folder, 'manifest.json'));
rmSync(file, { force: true });
mcpb('pack', folder, file);
console.log(`\n${file}: ${(statSync(file).size / 1e6).toFixed(1)} MB, all platforms`);
console.log(`For Claude Code: claude --plugin-dir ${folder}`);
