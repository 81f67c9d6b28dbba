import { expect, test } from 'vitest';
import { UsageError } from '../../../src/errors.ts';
import { encodeCursor } from '../../../src/mcp/define/cursor.ts';
import { argumentReader, unknownTool } from '../../../src/mcp/runner/tool-arguments.ts';
import { tools } from '../../../tools/index.ts';

const read = argumentReader(tools);
const tool = (name: string) => tools.find(one => one.name === name)!;

function refusal(name: string, args: unknown): string {
  try {
    read(tool(name), args);
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    return (error as UsageError).message;
  }
  throw new Error('not refused');
}

test('arguments are read as models send them', () => {
  expect(read(tool('list_vms'), { limit: '10', template: 'no', status: 'RUNNING', tag: null })).toEqual({
    limit: 10,
    template: false,
    status: 'running',
  });
});

test.each([
  ['find_resources', {}, 'find_resources: query is needed.'],
  ['list_vms', { limit: 0 }, 'list_vms: limit: '],
  ['list_vms', { vmid: 101 }, 'list_vms: no argument "vmid".'],
  ['list_vms', { stauts: 'running' }, 'no argument "stauts" (did you mean status?)'],
  ['list_vms', { log_lines: 5 }, 'no argument "log_lines" (get_task has it)'],
  ['list_vms', ['running'], 'list_vms: arguments: '],
  ['list_vms', 'running', 'list_vms: arguments: '],
  ['list_vms', { cursor: 'made-up' }, 'That cursor is not one of ours.'],
])('$0 with $1 is refused: $2', (name, args, said) => {
  expect(refusal(name, args)).toContain(said);
});

test('a cursor brings the arguments of its list, and no other list', () => {
  const cursor = encodeCursor({ seq: 7, offset: 50 }, { tag: 'web', limit: 50 });
  expect(read(tool('list_vms'), { cursor })).toEqual({ tag: 'web', limit: 50, cursor });
  expect(read(tool('list_vms'), { cursor, limit: 10 })).toMatchObject({ tag: 'web', limit: 10 });
  expect(refusal('list_vms', { cursor, tag: 'db' })).toContain('a list with another tag');
});

test('an unknown tool is refused with the closest names', () => {
  const names = tools.map(one => one.name);
  expect(unknownTool('list_vm', names).hint).toContain('Did you mean list_vms');
  expect(unknownTool('zzzzzzzzzzzzzzzzz', names).hint).toContain('The tools are get_cluster_status');
});
