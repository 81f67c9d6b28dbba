import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** What tools and resources may import. */
const UNDER_TOOLS = [
  'src/answers',
  'src/health',
  'src/text',
  'src/mcp/define',
  'src/history',
  'src/model',
  'src/sql',
  'src/errors',
];

/** What each room may import: other rooms by name, packages by their specifier. Node's own modules are free to all. */
const ROOMS: { [room: string]: { rooms: string[]; packages?: RegExp } } = {
  'src/text': { rooms: [] },
  'src/errors': { rooms: ['src/text'] },
  'src/log': { rooms: ['src/text'] },
  'src/private-file': { rooms: [] },
  'src/model': { rooms: ['src/errors', 'src/log', 'src/text'] },
  'src/proxmox': {
    rooms: ['src/text', 'src/model', 'src/errors', 'src/log'],
    packages: /^(?:got|zod|p-limit)$/,
  },
  'src/proxmox/operations': {
    rooms: ['src/proxmox', 'src/text', 'src/model', 'src/errors', 'src/log'],
    packages: /^got$/,
  },
  'src/database': {
    rooms: ['src/text', 'src/model', 'src/sql', 'src/errors', 'src/log', 'src/private-file'],
    packages: /^(?:@prisma\/.*|better-sqlite3|zod)$/,
  },
  'src/sql': { rooms: ['src/text', 'src/model', 'src/errors', 'src/history'] },
  'src/history': { rooms: ['src/text', 'src/model', 'src/errors'], packages: /^temporal-polyfill$/ },
  'src/discovery': {
    rooms: ['src/text', 'src/model', 'src/errors', 'src/log', 'src/proxmox', 'src/database', 'src/history'],
    packages: /^p-map$/,
  },
  'src/apply': {
    rooms: [
      'src/text',
      'src/model',
      'src/errors',
      'src/log',
      'src/history',
      'src/desired',
      'src/proxmox',
      'src/proxmox/operations',
    ],
  },
  'src/mcp': {
    rooms: ['src/text', 'src/model', 'src/errors', 'src/log', 'src/history'],
    packages: /^(?:zod|@modelcontextprotocol\/sdk\/.*)$/,
  },
  'src/sight': { rooms: ['src/model', 'src/errors'] },
  'src/clusters': {
    rooms: ['src/mcp/define', 'src/mcp/runner', 'src/text', 'src/model', 'src/errors', 'src/log'],
  },
  'src/health': { rooms: ['src/text', 'src/history', 'src/model'] },
  'src/desired': { rooms: ['src/text', 'src/model', 'src/history', 'src/errors'], packages: /^yaml$/ },
  'src/answers': {
    rooms: [
      'src/desired',
      'src/health',
      'src/text',
      'src/mcp/define',
      'src/history',
      'src/model',
      'src/sql',
      'src/errors',
    ],
  },
  tools: {
    rooms: UNDER_TOOLS,
    packages: /^zod$/,
  },
  resources: {
    rooms: [...UNDER_TOOLS, 'tools'],
  },
  prompts: {
    rooms: ['src/text', 'src/mcp/define', 'src/history', 'src/model', 'src/errors'],
    packages: /^zod$/,
  },
  'src/pages': { rooms: [] },
  'src/cli': {
    rooms: [
      'src/text',
      'src/mcp/define',
      'src/mcp/runner/tool-runner',
      'src/proxmox',
      'src/database',
      'src/history',
      'src/model',
      'src/errors',
      'src/log',
      'src/private-file',
    ],
    packages: /^(?:commander|zod|jsonc-parser)$/,
  },
  'src/simulator': { rooms: [], packages: /^@peculiar\/x509$/ },
};

/** Rooms that are not open to whoever may import the room they lie in. */
const CLOSED = ['src/proxmox/operations'];

const IMPORT = /^(?:import|export)\s[^'";]*?from\s+'([^']+)'|^import\s+'([^']+)'|\bimport\('([^']+)'\)/gm;

function sources(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter(path => path.endsWith('.ts') && !path.includes('generated'))
    .map(path => `${folder}/${path}`);
}

function roomOf(path: string): string | undefined {
  return Object.keys(ROOMS)
    .filter(room => path === `${room}.ts` || path.startsWith(`${room}/`))
    .sort((a, b) => b.length - a.length)[0];
}

function importsOf(path: string): string[] {
  return [...readFileSync(join(ROOT, path), 'utf8').matchAll(IMPORT)].map(
    match => (match[1] ?? match[2] ?? match[3])!,
  );
}

function offence(path: string, specifier: string): string | null {
  const room = roomOf(path)!;
  const rule = ROOMS[room]!;
  if (specifier.startsWith('node:')) return null;
  if (!specifier.startsWith('.'))
    return rule.packages?.test(specifier) ? null : `${path} imports the package ${specifier}`;
  const target = relative(ROOT, join(ROOT, dirname(path), specifier));
  if (roomOf(target) === room) return null;
  if (CLOSED.includes(roomOf(target)!) && !rule.rooms.includes(roomOf(target)!))
    return `${path} imports ${target}`;
  const allowed = rule.rooms.some(other => target.startsWith(`${other}/`) || target === `${other}.ts`);
  return allowed ? null : `${path} imports ${target}`;
}

test('imports run downwards only', () => {
  const files = ['src', 'tools', 'resources', 'prompts']
    .flatMap(sources)
    .filter(path => roomOf(path) !== undefined);
  expect(files.length).toBeGreaterThan(80);
  const offences = files.flatMap(path => importsOf(path).map(specifier => offence(path, specifier)));
  expect(offences.filter(one => one !== null)).toEqual([]);
});

test('the rule catches what it forbids', () => {
  expect(offence('src/history/diff.ts', '../proxmox/client.ts')).toContain('imports src/proxmox/client.ts');
  expect(offence('tools/list-vms.ts', '../src/mcp/runner/results.ts')).toContain(
    'imports src/mcp/runner/results.ts',
  );
  expect(offence('src/answers/moments.ts', '../database/index.ts')).toContain(
    'imports src/database/index.ts',
  );
  expect(offence('src/discovery/run.ts', '../proxmox/operations/index.ts')).toContain(
    'imports src/proxmox/operations/index.ts',
  );
  expect(offence('src/proxmox/client.ts', './operations/writer.ts')).toContain(
    'imports src/proxmox/operations/writer.ts',
  );
  expect(offence('tools/list-vms.ts', 'got')).toContain('the package got');
  expect(offence('src/simulator/api.ts', '../errors.ts')).toContain('imports src/errors.ts');
  expect(offence('tools/list-vms.ts', '../src/mcp/define/tool.ts')).toBeNull();
});

test('only src/mcp imports the MCP SDK', () => {
  const users = ['src', 'tools', 'resources']
    .flatMap(sources)
    .filter(path => importsOf(path).some(one => one.startsWith('@modelcontextprotocol')));
  expect(users.filter(path => !path.startsWith('src/mcp/'))).toEqual([]);
});

/** Every file reachable from this one by imports, type imports included, with the way that leads there. */
function reachable(from: string): Map<string, string> {
  const ways = new Map([[from, from]]);
  for (const [file, way] of ways)
    for (const specifier of importsOf(file)) {
      if (!specifier.startsWith('.')) continue;
      const target = relative(ROOT, join(ROOT, dirname(file), specifier));
      if (!ways.has(target)) ways.set(target, `${way} -> ${target}`);
    }
  return ways;
}

/** What a verdict may rest on: values, and what is known of them. */
const PURE = /^src\/(?:model|history|text)\/|^src\/errors\.ts$|^src\/log\.ts$/;
/** Who asks the API, reads or writes the store, or knows who does. */
const IMPURE_NAME = /\/(?:collect|confirm|commit|gather|read[\w-]*|run|service)\.ts$/;

function impurities(file: string): string[] {
  return [...reachable(file)].flatMap(([target, way]) => {
    if (target.startsWith('src/discovery/')) {
      const packages = importsOf(target).filter(one => !one.startsWith('.') && one !== 'node:util');
      const isEdge = target !== file && IMPURE_NAME.test(target);
      return [...(isEdge ? [way] : []), ...packages.map(one => `${way} -> ${one}`)];
    }
    return PURE.test(target) ? [] : [way];
  });
}

test('what decides is pure: it reaches neither the API nor the store, not even by a type', () => {
  const files = sources('src/discovery').filter(path => /\/decide[\w-]*\.ts$/.test(path));
  expect(files.length).toBeGreaterThan(8);
  expect(
    files.flatMap(impurities),
    'A decide.ts takes plain values and returns plain values, so that its verdicts can be recorded and replayed. Read what it ' +
      'needs in collect.ts, and move types and helpers that both need into a file that imports only model and history.',
  ).toEqual([]);
});

test('the rule on what decides catches a client, however far away', () => {
  expect(impurities('src/discovery/storage/collect.ts').join()).toContain('src/proxmox/');
  expect(impurities('src/discovery/facets.ts').join()).toContain('collect.ts');
});

/** The groups of files that import each other, `import type` included, each as the imports that tie it. */
function circles(imports: ReadonlyMap<string, readonly string[]>): string[] {
  const reaches = new Map<string, Set<string>>();
  const reach = (from: string): Set<string> => {
    const known = reaches.get(from);
    if (known !== undefined) return known;
    const found = new Set<string>();
    reaches.set(from, found);
    const next = [...(imports.get(from) ?? [])];
    for (let file = next.pop(); file !== undefined; file = next.pop()) {
      if (found.has(file)) continue;
      found.add(file);
      next.push(...(imports.get(file) ?? []));
    }
    return found;
  };
  return [...imports].flatMap(([file, targets]) =>
    targets.filter(target => reach(target).has(file)).map(target => `${file} imports ${target}`),
  );
}

/** Why a circle is one too many, and the ways out of it. */
const CIRCLE =
  'Files that import each other, if only a type, cannot be read or moved one at a time. Move what both need into the ' +
  'lower of the two or a file of its own, or take just the shape that is needed as a parameter.';

test('no file imports itself by way of others, type imports included', () => {
  const files = new Set(['src', 'tools', 'resources', 'prompts', 'bench', 'scripts'].flatMap(sources));
  const imports = new Map(
    [...files].map(file => [
      file,
      importsOf(file)
        .filter(specifier => specifier.startsWith('.'))
        .map(specifier => relative(ROOT, join(ROOT, dirname(file), specifier)))
        .filter(target => files.has(target)),
    ]),
  );
  expect(files.size).toBeGreaterThan(300);
  expect(circles(imports), CIRCLE).toEqual([]);
});

test('the rule on circles catches one of three files', () => {
  const tied = new Map([
    ['a.ts', ['b.ts', 'd.ts']],
    ['b.ts', ['c.ts']],
    ['c.ts', ['a.ts']],
    ['d.ts', []],
  ]);
  expect(circles(tied)).toEqual(['a.ts imports b.ts', 'b.ts imports c.ts', 'c.ts imports a.ts']);
});
