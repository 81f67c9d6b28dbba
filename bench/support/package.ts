import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));
const SOURCES = ['scripts', 'src', 'tools', 'resources', 'prompts', 'prisma', 'package.json'];
const BANNER =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";

/** The product as it is published, built from a copy of these sources, so that nothing else's build disturbs it. */
export interface StagedPackage {
  /** The package's root: it holds dist/ and prisma/. */
  root: string;
  /** The built program. */
  program: string;
  /** Bundles one of the benchmarks' own programs the way the product is bundled. */
  bundle(entry: string): Promise<string>;
  /** A new, empty folder that lasts as long as the package. */
  folder(): Promise<string>;
}

let staged: Promise<StagedPackage> | null = null;
let place: string | null = null;

/** Builds the package at first use. */
export function stagedPackage(): Promise<StagedPackage> {
  staged ??= stage();
  return staged;
}

/** Removes whatever was built. */
export async function removeStaged(): Promise<void> {
  if (place !== null) await rm(place, { recursive: true, force: true });
}

async function stage(): Promise<StagedPackage> {
  const at = await mkdtemp(join(tmpdir(), 'proxmox-mpc-bench-'));
  place = at;
  for (const name of SOURCES.filter(name => existsSync(join(root, name))))
    await cp(join(root, name), join(at, name), { recursive: true });
  await symlink(join(root, 'node_modules'), join(at, 'node_modules'));
  await promisify(execFile)(process.execPath, [join(at, 'scripts/build.ts')], { cwd: at });
  return {
    root: at,
    program: join(at, 'dist/proxmox-mpc.js'),
    bundle: async entry => {
      const outfile = join(at, 'dist', `${basename(entry, '.ts')}.js`);
      await build({
        entryPoints: [fileURLToPath(new URL(`../children/${entry}`, import.meta.url))],
        outfile,
        bundle: true,
        format: 'esm',
        platform: 'node',
        target: 'node22',
        minifySyntax: true,
        minifyWhitespace: true,
        external: ['better-sqlite3', 'pg-native'],
        banner: { js: BANNER },
        logLevel: 'warning',
      });
      return outfile;
    },
    folder: () => mkdtemp(join(at, 'data-')),
  };
}
