import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Metafile } from 'esbuild';
import { keptDayIn } from '../src/app/demo.ts';
import { makeDemoDay } from './demo-day.ts';
import { buildPages } from './pages.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const require = createRequire(import.meta.url);

/** Bundled CommonJS packages need these at run time, and an ES module does not have them. */
const BANNER = [
  "import { createRequire as __createRequire } from 'node:module';",
  'const require = __createRequire(import.meta.url);',
].join('\n');

await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });
const { metafile } = await build({
  entryPoints: {
    'proxmox-mpc': join(root, 'src/main.ts'),
    'query-process': join(root, 'src/database/sqlite/query-process.ts'),
    'query-thread': join(root, 'src/database/sqlite/query-thread.ts'),
  },
  outdir: dist,
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node22',
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  // Its main file is UMD, whose inner requires bundlers cannot follow.
  alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
  external: ['better-sqlite3', 'pg-native'],
  banner: { js: BANNER },
  metafile: true,
  logLevel: 'warning',
});
const program = join(dist, 'proxmox-mpc.js');
await chmod(program, 0o755);
const engine = dirname(require.resolve('@prisma/schema-engine-wasm'));
await copyFile(join(engine, 'schema_engine_bg.wasm'), join(dist, 'schema_engine_bg.wasm'));
await buildPages(join(dist, 'pages'));
await writeFile(join(dist, 'THIRD_PARTY_NOTICES.txt'), await notices(metafile));
await copyFile(await demoDay(metafile), keptDayIn(root));

/**
 * The recorded day of the demo. Playing it takes seconds, so it is played again only if the code that plays or records it
 * changed.
 */
async function demoDay({ inputs }: Metafile): Promise<string> {
  const makers = Object.keys(inputs).filter(path =>
    /^src\/(?:app\/demo|simulator|discovery|proxmox|database|history|model|text|sql)\b/.test(path),
  );
  const hash = createHash('sha256');
  for (const path of [...makers.sort(), 'scripts/demo-day.ts']) hash.update(await readFile(join(root, path)));
  const folder = join(root, 'node_modules', '.cache', 'proxmox-mpc');
  const kept = join(folder, `demo-day-${hash.digest('hex').slice(0, 16)}.br`);
  if (!existsSync(kept)) {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    await makeDemoDay(root, `${kept}.part`);
    await rename(`${kept}.part`, kept);
  }
  return kept;
}

/** The licences of everything in the bundle. */
async function notices({ inputs }: Metafile): Promise<string> {
  const folders = new Set(
    Object.keys(inputs).flatMap(path => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []),
  );
  const sections = await Promise.all([...folders].sort().map(folder => notice(join(root, folder))));
  return sections.join(`\n${'-'.repeat(80)}\n`);
}

async function notice(folder: string): Promise<string> {
  const { name, version, license } = JSON.parse(
    await readFile(join(folder, 'package.json'), 'utf8'),
  ) as Record<string, string>;
  const text = (await licenceIn(folder)) ?? (await licenceOfFamily(folder, name!));
  if (text === null) throw new Error(`${name} is bundled, but its licence text is nowhere to be found`);
  return `${name} ${version} (${license ?? 'see its licence'})\n\n${text}`;
}

/** The text in a package's licence file, or the chapter of its README. */
async function licenceIn(folder: string): Promise<string | null> {
  const files = await readdir(folder);
  const file = files.find(one => /^licen[cs]e(\.|$)/i.test(one));
  if (file !== undefined) return readFile(join(folder, file), 'utf8');
  const readme = files.find(one => /^readme\.md$/i.test(one));
  if (readme === undefined) return null;
  const text = await readFile(join(folder, readme), 'utf8');
  return /\n## licen[cs]e\n([\s\S]*Permission is hereby granted[\s\S]*)$/i.exec(text)?.[1]?.trim() ?? null;
}

/** A package without a licence text is covered by that of others in its scope, which come from the same repository. */
async function licenceOfFamily(folder: string, name: string): Promise<string | null> {
  if (!name.startsWith('@')) return null;
  const family = (await readdir(dirname(folder))).sort();
  for (const sibling of family) {
    const text = await licenceIn(join(dirname(folder), sibling));
    if (text !== null) return text;
  }
  return null;
}
