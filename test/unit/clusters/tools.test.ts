import { expect, test } from 'vitest';
import { createClustersRunner } from '../../../src/clusters/runner.ts';
import { noLog } from '../../../src/log.ts';
import type { ToolRunner } from '../../../src/mcp/runner/tool-runner.ts';
import { toolList } from '../../../src/mcp/server/tool-list.ts';
import { toolsFor } from '../../../tools/index.ts';

const member = (writes: boolean) => ({ tools: toolsFor({ writes }) }) as ToolRunner;
const listed = (...writes: boolean[]) =>
  toolList(createClustersRunner(new Map(writes.map((one, at) => [`c${at}`, member(one)])), noLog).tools).map(
    ({ name }) => name,
  );

test.each([
  [[false, false], false],
  [[true, false], true],
  [[false, true], true],
  [[true, true], true],
])('clusters with a token to write with %j: the tool that writes is listed: %j, and each tool once', (writes, shown) => {
  const names = listed(...writes);
  expect(names.includes('apply_plan')).toBe(shown);
  expect(new Set(names).size).toBe(names.length);
});
