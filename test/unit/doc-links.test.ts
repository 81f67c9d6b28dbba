import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PAGES = globSync(['README.md', 'AGENTS.md', 'CONTRIBUTING.md', 'SECURITY.md', 'docs/**/*.md'], {
  cwd: ROOT,
});
/** Folders of the checkout, and those below src/, which pages name without it. */
const FOLDERS = globSync(['*/', 'src/*/'], { cwd: ROOT }).map(path => basename(path));
const NAMED = new RegExp(`\`((?:${FOLDERS.join('|')})/[\\w./-]+)\``, 'g');
/** The protocol's methods, and the examples that the guides make up. */
const NO_FILE = /^(?:tools|resources)\/[a-z]+$|NAME|stale-guests|\/remarks?\b|\/dns\b/;

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

// Kills: a guide whose code names what was renamed or moved since.
test.each(globSync('docs/adding-*.md', { cwd: ROOT }))('the code of %s imports what is there', page => {
  const text = readFileSync(join(ROOT, page), 'utf8');
  const missing: string[] = [];
  for (const { index, 1: code = '' } of text.matchAll(/^```ts\n(import .*?)^```/gms)) {
    const file = [...text.slice(0, index).matchAll(/`([\w/-]+\/[\w.-]+\.ts)`/g)].at(-1)![1]!;
    for (const [, names = '', from = ''] of code.matchAll(
      /^import (?:type )?\{([^}]*)\} from '(\..*?)';/gm,
    )) {
      const path = join(dirname(file), from);
      // What the guide itself makes, it may import as well.
      const source = text + (existsSync(join(ROOT, path)) ? readFileSync(join(ROOT, path), 'utf8') : '');
      for (const name of names.split(',').map(one => one.trim().replace(/^type /, '')))
        if (!new RegExp(`export .*\\b${name}\\b`).test(source)) missing.push(`${name} of ${path}`);
    }
  }
  expect(missing).toEqual([]);
});
