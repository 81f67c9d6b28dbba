import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';

const STATIC = /^\s*(?:import|export)\b[^'";(]*?(?:from\s+)?'([^']+)'/gm;

/** What a file loads before its first line runs: packages by name, files by path, each with the way there. */
function loaded(entry: string): Map<string, string> {
  const ways = new Map([[entry, entry]]);
  for (const [file, way] of ways) {
    if (!file.endsWith('.ts')) continue;
    for (const [, specifier] of stripTypeScriptTypes(readFileSync(file, 'utf8')).matchAll(STATIC)) {
      const target = specifier!.startsWith('.') ? join(dirname(file), specifier!) : specifier!;
      if (!ways.has(target)) ways.set(target, `${way} -> ${target}`);
    }
  }
  return ways;
}

// Kills: one import that costs each start of the program, also `--help`, a quarter of its time.
test('the program starts without HTTP, a database, a simulator or the SDK', () => {
  const ways = loaded('src/app/start.ts');
  expect(ways.size).toBeGreaterThan(200);
  expect([...ways.keys()]).toContain('zod');
  const heavy =
    /^(?:got|node:https?|node:tls|better-sqlite3|@prisma\/.*|@peculiar\/.*|@modelcontextprotocol\/.*)$/;
  expect([...ways].flatMap(([target, way]) => (heavy.test(target) ? [way] : []))).toEqual([]);
});
