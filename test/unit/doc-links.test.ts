import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PAGES = globSync(['README.md', 'AGENTS.md', 'CONTRIBUTING.md', 'SECURITY.md', 'docs/**/*.md'], {
  cwd: ROOT,
});
/** Folders of the checkout, and those below src/ and tools/, which pages name without it. */
const FOLDERS =
  'src|tools|test|prisma|scripts|docs|app|cli|config|database|discovery|mcp|model|proxmox|state|support';
const NAMED = new RegExp(`\`((?:${FOLDERS})/[\\w./-]+)\``, 'g');
/** The protocol's methods, and the examples that the guides make up. */
const NO_FILE = /^tools\/(?:list|call)$|stale-guests|\/remarks?\b/;

function exists(path: string): boolean {
  const places = ['', 'src', 'tools'].map(folder => join(ROOT, folder, path));
  return places.some(place => existsSync(place) || existsSync(`${place}.ts`));
}

test.each(PAGES)('%s names only files that are there', page => {
  const text = readFileSync(join(ROOT, page), 'utf8');
  const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, to = '']) =>
    join(dirname(page), to),
  );
  const names = [...text.matchAll(NAMED)].map(([, path = '']) => path).filter(path => !NO_FILE.test(path));
  expect(links.filter(path => !existsSync(join(ROOT, path)))).toEqual([]);
  expect(names.filter(path => !exists(path))).toEqual([]);
});
