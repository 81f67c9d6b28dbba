import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const WRITES = 'src/proxmox/operations/';

/** All of the product's own source but the simulator, which is a server, by path. */
const sources = new Map(
  ['src', 'tools', 'resources', 'prompts'].flatMap(folder =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .map(path => `${folder}/${path}`)
      .filter(path => path.endsWith('.ts') && !/generated|^src\/simulator\//.test(path))
      .map(path => [path, readFileSync(join(ROOT, path), 'utf8')] as const),
  ),
);

/** Files whose source matches, `operations` aside. */
function having(pattern: RegExp): string[] {
  return [...sources]
    .filter(([path, text]) => !path.startsWith(WRITES) && pattern.test(text))
    .map(([path]) => path);
}

test('one file speaks HTTP, and nothing else opens a connection to Proxmox', () => {
  expect(sources.size).toBeGreaterThan(300);
  expect(having(/from 'got'/).sort()).toEqual(['src/proxmox/request.ts', 'src/proxmox/transport.ts']);
  expect(sources.get('src/proxmox/transport.ts')).toContain("import type { Got } from 'got'");
  expect(having(/\bfetch\(|\bXMLHttpRequest\b|\bWebSocket\b|from '(?:undici|axios|ky|node:http2)'/)).toEqual(
    [],
  );
  // Values, not types: an agent that verifies certificates, and the look at one.
  expect(having(/^import (?!type)[^;]*from 'node:(?:https?|tls)'/m).sort()).toEqual([
    'src/proxmox/agent.ts',
    'src/proxmox/tls.ts',
  ]);
  expect(having(/\b(?:get|post|request)\(\s*\{[^}]*\b(?:host|hostname)\b/)).toEqual([]);
});

test('no method but GET is named outside operations, and POST only for the login', () => {
  expect(having(/['"`](?:PUT|DELETE|PATCH)['"`]/)).toEqual(['src/proxmox/request.ts']);
  expect(having(/['"`]POST['"`]/).sort()).toEqual(['src/proxmox/client.ts', 'src/proxmox/request.ts']);
  const posts = sources.get('src/proxmox/client.ts')!.match(/method: 'POST'[^}]*/g)!;
  expect(posts).toHaveLength(1);
  expect(posts[0]).toContain("path: '/access/ticket'");
});

test('what sends readings takes nothing else, by its type', () => {
  const request = sources.get('src/proxmox/request.ts')!;
  expect(request).toContain(
    "ReadRequest = HttpRequest & ({ method: 'GET' } | { method: 'POST'; path: '/access/ticket' })",
  );
  expect(sources.get('src/proxmox/transport.ts')).not.toMatch(/\bHttpRequest\b/);
  const callers = having(/(?<![\w.])ask\(/).filter(path =>
    /import[^;]*\bask\b[^;]*request\.ts'/s.test(sources.get(path)!),
  );
  expect(callers).toEqual(['src/proxmox/transport.ts']);
});

test('only src/apply may import operations', () => {
  const importers = having(/from '[^']*\/operations\/[^']*'|import\('[^']*\/operations\//);
  expect(importers.filter(path => !path.startsWith('src/apply/'))).toEqual([]);
});

/** Files that are loaded, at once or later, where this one is run, but for what `without` alone leads to. */
function reachedFrom(entry: string, without?: string): Set<string> {
  const reached = new Set<string>();
  const open = [entry];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (reached.has(path) || path === without) continue;
    reached.add(path);
    if (!existsSync(join(ROOT, path))) continue;
    const text = readFileSync(join(ROOT, path), 'utf8');
    const imports = text
      .replaceAll(/^import type [^;]*;/gm, '')
      .matchAll(/(?:from\s+|\bimport\(\s*|^import\s+)'(\.[^']+)'/gm);
    for (const [, specifier] of imports) open.push(relative(ROOT, join(ROOT, dirname(path), specifier!)));
  }
  return reached;
}

test('one file reaches what could write, and it is loaded only where there is a token to write with', () => {
  const writing = (paths: Iterable<string>) =>
    [...paths].filter(path => /^src\/(?:apply|proxmox\/operations)\//.test(path));
  const reached = reachedFrom('src/main.ts', 'src/app/applying.ts');
  expect([...reached]).toContain('src/proxmox/request.ts');
  expect([...reached]).toContain('tools/apply-plan.ts');
  expect(writing(reached)).toEqual([]);
  expect(writing(reachedFrom('src/main.ts'))).toContain('src/proxmox/operations/writer.ts');
  expect(having(/(?:from|import\()\s*'[^']*\/applying\.ts'/)).toContain('src/app/runtime.ts');
  const runtime = sources.get('src/app/runtime.ts')!;
  expect(runtime).toContain('const writing = demo ? null : config.writing;');
  expect(runtime.match(/import\('\.\/applying\.ts'\)/g)).toHaveLength(1);
  expect(runtime).toMatch(
    /if \(writing === null\) return \{[^}]*applying: null \};\s+const \{ openApplying \} = await import\('\.\/applying\.ts'\)/,
  );
});
