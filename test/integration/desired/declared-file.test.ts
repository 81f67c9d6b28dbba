import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { declaredFile } from '../../../src/app/declared-file.ts';
import { noLog } from '../../../src/log.ts';
import { createToolRunner } from '../../../src/mcp/runner/tool-runner.ts';
import { tools } from '../../../tools/index.ts';
import type { Answer } from '../../support/answer.ts';
import { type Lab, startLab } from '../../support/lab.ts';

describe('a declared file', () => {
  let lab: Lab;
  let folder: string;
  let path: string;
  beforeAll(async () => {
    lab = await startLab({ guests: 8 });
    folder = await mkdtemp(join(tmpdir(), 'mpc-declared-'));
    path = join(folder, 'proxmox-mpc.yaml');
  });
  afterAll(async () => {
    await lab.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** A server of its own on the same store and file. */
  const server = () => {
    const runner = createToolRunner({
      open: async () => ({ store: lab.store, discovery: lab.discovery }),
      tools,
      maxAgeMs: 30_000,
      timeZone: 'UTC',
      declaredFile: declaredFile(path),
      now: () => lab.sim.clock.now(),
      log: noLog,
    });
    return async <T extends string>(tool: T, args: object = {}) => {
      const result = await runner.run(tool, args);
      if (result.isError) throw new Error((result.content[0] as { text: string }).text);
      return result.structuredContent as Answer<T>;
    };
  };
  /** Written a while ago: nobody is writing it. */
  const write = async (text: string) => {
    await writeFile(path, text);
    await utimes(path, new Date(Date.now() - 60_000), new Date(Date.now() - 60_000));
  };

  it('is recorded once, however many servers read it', async () => {
    await write('rules:\n  - match: {type: vm}\n    fields: {onboot: true}\n');
    const answers = await Promise.all([server(), server(), server()].map(ask => ask('declare_state')));
    expect(answers.map(one => one.revision)).toEqual([1, 1, 1]);
    expect(await lab.store.revisions({})).toHaveLength(1);
    await write('{"rules": [{"match": {"type": "vm"}, "fields": {"onboot": 1}}]}');
    expect((await server()('declare_state')).revision).toBe(1);
    await write('rules:\n  - match: {type: vm}\n    fields: {onboot: false}\n');
    const changed = await server()('diff_state', { from: 'declared' });
    expect(changed.revision).toBe(2);
    expect((await lab.store.revision(2))!.source).toBe('file');
  });

  it.each([
    ['broken', 'rules:\n  - match: {type: vm}\n    fields: {onbot: false}\n', /3:14.*onboot/],
    ['half written', 'rules:\n  - match: {type: vm}\n    fields: {onbo', /:3:\d+/],
    ['emptied', '\n', /is empty/],
  ])('%s, leaves the last good revision in force, and that is said', async (_, text, why) => {
    await write(text);
    const answer = await server()('diff_state', { from: 'declared' });
    expect(answer.revision).toBe(2);
    expect(answer.hint).toMatch(why);
    expect(answer.hint).toContain('Until then revision 2');
    expect(await lab.store.revisions({})).toHaveLength(2);
  });

  it('gone while it is served, leaves the last good revision in force', async () => {
    await rm(path);
    const answer = await server()('declare_state');
    expect(answer.revision).toBe(2);
    expect(answer.hint).toMatch(/not there any more.*revision 2/);
  });

  it('is not written by declare_state, which answers the lines to add', async () => {
    await write('rules: []\n');
    const ask = server();
    await ask('declare_state');
    const before = (await lab.store.revisions({})).length;
    const answer = await ask('declare_state', { tag: 'prod', set: ['memory=2048'] });
    expect(answer.file_lines).toEqual(['rules:', '  - match: {tag: prod}', '    fields: {memory: 2048}']);
    expect(await lab.store.revisions({})).toHaveLength(before);
    await write(answer.file_lines.join('\n'));
    expect((await ask('declare_state')).rules).toMatchObject([{ id: 'tag=prod', fields: { memory: 2048 } }]);
  });
});
