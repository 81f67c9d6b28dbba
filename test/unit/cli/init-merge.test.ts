import fc from 'fast-check';
import { parse } from 'jsonc-parser';
import { describe, expect, test } from 'vitest';
import { CLIENTS } from '../../../src/cli/init/clients.ts';
import { merge, type Wanted } from '../../../src/cli/init/merge.ts';

const ENTRY = { command: '/usr/bin/node', args: ['/opt/p/dist/proxmox-mpc.js', 'serve'], env: { A: '1' } };
const wanted = (extra: Partial<Wanted> = {}): Wanted => ({
  name: 'proxmox',
  entry: ENTRY,
  stale: [],
  ...extra,
});
const vscode = CLIENTS['vscode']!;
const cursor = CLIENTS['cursor']!;
const desktop = CLIENTS['claude-desktop']!;

describe('whatever the file holds, all else stays', () => {
  const key = fc.oneof(
    fc.string(),
    fc.constantFrom('mcpServers', '__proto__', 'constructor', 'toString', '1'),
  );
  const servers = fc.dictionary(
    key.filter(name => name !== 'proxmox'),
    fc.jsonValue(),
    { maxKeys: 4 },
  );
  const file = fc
    .tuple(
      fc.dictionary(
        key.filter(name => name !== 'mcpServers'),
        fc.jsonValue(),
        { maxKeys: 5 },
      ),
      fc.option(servers),
    )
    .map(([others, known]) => (known === null ? others : { ...others, mcpServers: known }));
  const form = fc.constantFrom(undefined, 1, 2, 4, '\t');
  const eol = fc.constantFrom('\n', '\r\n');

  test('each of its keys and lines', () => {
    fc.assert(
      fc.property(file, form, eol, (content, indent, end) => {
        const before = JSON.stringify(content, null, indent).replaceAll('\n', end);
        const { text } = merge(before, desktop, wanted());
        const after = JSON.parse(text) as { mcpServers?: { proxmox?: object } };
        expect(after.mcpServers?.proxmox).toEqual(ENTRY);
        delete after.mcpServers?.proxmox;
        if (!('mcpServers' in content)) delete after.mcpServers;
        expect(JSON.stringify(after)).toBe(JSON.stringify(JSON.parse(before)));
        const lines = text.split(end);
        if (indent !== undefined)
          for (const line of before.split(end))
            if (!/^\s*[{}[\],]*$|\{\}/.test(line)) expect(lines).toContain(line);
        expect(merge(text, desktop, wanted())).toEqual({ text, before: 'ours' });
      }),
    );
  });

  test('comments stay where they stood', () => {
    const comment = fc.constantFrom('', ' // note', ' /* note */');
    fc.assert(
      fc.property(
        fc.array(comment, { minLength: 8, maxLength: 8 }),
        form,
        ([a, b, c, d, e, f, g, h], indent) => {
          const i = typeof indent === 'number' ? ' '.repeat(indent) : (indent ?? '');
          const before = [
            `${a}`,
            `{${b}`,
            `${i}"servers": {${c}`,
            `${i}${i}// mine`,
            `${i}${i}"other": { "command": "x" },${d}`,
            `${i}${i}"third": [1, 2,], /* last */${e}`,
            `${i}},${f}`,
            `${i}"inputs": [],${g}`,
            `}${h}`,
            '',
          ].join('\n');
          const { text } = merge(before, vscode, wanted());
          expect(parse(text).servers.proxmox).toEqual({ type: 'stdio', ...ENTRY });
          const lines = text.split('\n');
          const kept = before.split('\n').map(line => lines.indexOf(line));
          expect(kept).not.toContain(-1);
          const mine = lines.findIndex(line => line.includes('"proxmox"'));
          const end = lines.length - (before.split('\n').length - 3);
          expect([...lines.slice(0, mine), ...lines.slice(end)].join('\n')).toBe(before);
        },
      ),
    );
  });
});

describe('a file without any entry', () => {
  test.each([
    '',
    ' \n',
    '{}',
    '{ }',
    '{\n}',
    '{"mcpServers":{}}',
    '{\n  "mcpServers": {}\n}',
    '\uFEFF{}',
  ])('is given ours, as where there was none: %j', before => {
    const { text, before: had } = merge(before, cursor, wanted());
    expect(had).toBe('nothing');
    expect(JSON.parse(text.replace(/^\uFEFF/, ''))).toEqual({ mcpServers: { proxmox: ENTRY } });
    expect(text.startsWith('\uFEFF')).toBe(before.startsWith('\uFEFF'));
  });
});

describe('our own entry', () => {
  test('is brought up to date: what others added stays, what would win over the new goes', () => {
    const before = `{
  "mcpServers": {
    // the lab
    "proxmox": {
      "command": "npx", "args": ["-y", "proxmox-mpc", "serve", "--poll", "60"],
      "disabled": false, // for now
      "env": {
        "PROXMOX_TOKEN": "a@b!c=old", // secret
        "PROXMOX_MPC_TIMEZONE": "Asia/Tokyo",
        "PROXMOX_URL": "https://old:8006"
      }
    }
  }
}
`;
    const entry = { ...ENTRY, env: { PROXMOX_URL: 'https://new:8006', PROXMOX_TOKEN_ID: 'a@b!c' } };
    const { text, before: had } = merge(
      before,
      cursor,
      wanted({ entry, stale: ['PROXMOX_TOKEN', 'PROXMOX_URL'] }),
    );
    expect(had).toBe('ours');
    expect(parse(text).mcpServers.proxmox).toEqual({
      command: '/usr/bin/node',
      args: [...ENTRY.args, '--poll', '60'],
      disabled: false,
      env: {
        PROXMOX_MPC_TIMEZONE: 'Asia/Tokyo',
        PROXMOX_URL: 'https://new:8006',
        PROXMOX_TOKEN_ID: 'a@b!c',
      },
    });
    for (const part of ['// the lab', '"disabled": false, // for now']) expect(text).toContain(part);
    expect(text).not.toContain('old');
  });

  test.each([
    [{ command: 'npx', args: ['proxmox-mpc@0.1.0'] }, 'ours'],
    [{ command: 'C:\\Users\\me\\AppData\\npm\\proxmox-mpc.cmd' }, 'ours'],
    [{ command: './node_modules/.bin/node', args: ['src/main.ts', 'serve'] }, 'ours'],
    [{ command: 'npx', args: ['-y', 'proxmox-mcp'] }, 'other'],
    [{ command: 'uvx', args: ['my-proxmox-mpc-fork/server.py'] }, 'other'],
    [{ url: 'https://proxmox-mpc' }, 'other'],
  ])('$0 is $1', (entry, expected) => {
    expect(merge(JSON.stringify({ mcpServers: { proxmox: entry } }), cursor, wanted()).before).toBe(expected);
  });
});

describe('where each client keeps its servers', () => {
  const at = (platform: NodeJS.Platform, home: string, env = {}, folders: string[] = []) =>
    Object.values(CLIENTS).map(({ file }) => file({ platform, env, home, list: () => folders }));

  test('is known on Linux, macOS and Windows', () => {
    expect(at('linux', '/home/me')).toEqual([
      '/home/me/.config/Claude/claude_desktop_config.json',
      '/home/me/.claude.json',
      '/home/me/.config/Code/User/mcp.json',
      '/home/me/.cursor/mcp.json',
    ]);
    expect(at('linux', '/home/me', { XDG_CONFIG_HOME: '/cfg', CLAUDE_CONFIG_DIR: '/claude' })).toEqual([
      '/cfg/Claude/claude_desktop_config.json',
      '/claude/.claude.json',
      '/cfg/Code/User/mcp.json',
      '/home/me/.cursor/mcp.json',
    ]);
    expect(at('darwin', '/Users/me')).toEqual([
      '/Users/me/Library/Application Support/Claude/claude_desktop_config.json',
      '/Users/me/.claude.json',
      '/Users/me/Library/Application Support/Code/User/mcp.json',
      '/Users/me/.cursor/mcp.json',
    ]);
    expect(at('win32', 'C:\\Users\\me', { APPDATA: 'C:\\Users\\me\\AppData\\Roaming' })).toEqual([
      'C:\\Users\\me\\AppData\\Roaming\\Claude\\claude_desktop_config.json',
      'C:\\Users\\me\\.claude.json',
      'C:\\Users\\me\\AppData\\Roaming\\Code\\User\\mcp.json',
      'C:\\Users\\me\\.cursor\\mcp.json',
    ]);
  });

  test('is a private folder of Claude Desktop from a Windows package', () => {
    const [file] = at('win32', 'C:\\Users\\me', {}, ['Other_1', 'Claude_pzs8sxrjxfjjc']);
    expect(file).toBe(
      'C:\\Users\\me\\AppData\\Local\\Packages\\Claude_pzs8sxrjxfjjc\\LocalCache\\Roaming\\Claude\\claude_desktop_config.json',
    );
  });
});
