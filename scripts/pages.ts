import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { FACTS_HERE, GENERATOR } from '../src/pages/html.ts';

const source = fileURLToPath(new URL('../src/pages/browser', import.meta.url));

/** Each page: its script, and whether facts are written into it or come from a host. */
const PAGES = [
  { name: 'report', title: 'Proxmox VE report', holdsFacts: true },
  { name: 'timeline', title: 'Proxmox VE timeline', holdsFacts: false },
  { name: 'usage', title: 'Proxmox VE usage', holdsFacts: false },
] as const;

/** Hosts load larger pages too slowly (bytes). */
const PAGE_AT_MOST = 150_000;

/** Writes every page into `folder`, with script and style inside and nothing else allowed to run or load. */
export async function buildPages(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const style = await bundled('page.css');
  for (const { name, title, holdsFacts } of PAGES) {
    const page = html({ title, style, script: await bundled(`${name}.ts`), holdsFacts });
    if (Buffer.byteLength(page) > PAGE_AT_MOST)
      throw new Error(`${name}.html is larger than ${PAGE_AT_MOST} bytes`);
    await writeFile(join(folder, `${name}.html`), page);
  }
}

async function bundled(file: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(source, file)],
    bundle: true,
    format: 'iife',
    minify: true,
    target: ['chrome123', 'firefox121', 'safari17.5'],
    legalComments: 'none',
    write: false,
    logLevel: 'warning',
  });
  return outputFiles[0]!.text.trim();
}

function html(page: { title: string; style: string; script: string; holdsFacts: boolean }): string {
  const { title, style, script, holdsFacts } = page;
  const policy = [
    "default-src 'none'",
    `script-src '${hash(script)}'`,
    `style-src '${hash(style)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="referrer" content="no-referrer">',
    GENERATOR,
    `<title>${title}</title>`,
    `<style>${style}</style>`,
    '</head>',
    '<body>',
    '<main></main>',
    '<noscript>This page draws itself with a script of its own, which loads nothing. Open it in a browser that runs scripts.</noscript>',
    ...(holdsFacts ? [`<script type="application/json" id="facts">${FACTS_HERE}</script>`] : []),
    `<script>${script}</script>`,
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

function hash(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
