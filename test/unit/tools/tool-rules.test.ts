import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { INSTRUCTIONS, INSTRUCTIONS_WHERE_WRITING } from '../../../src/mcp/server/instructions.ts';
import { toolList } from '../../../src/mcp/server/tool-list.ts';
import { tools, toolsFor } from '../../../tools/index.ts';

const listed = toolList(tools);
const bytes = (value: unknown) => Buffer.byteLength(JSON.stringify(value));

test('tools/list stays within what every conversation pays for', () => {
  expect(
    bytes(listed.map(({ name, description, inputSchema }) => ({ name, description, inputSchema }))),
  ).toBeLessThanOrEqual(18_500);
  expect(bytes({ tools: listed })).toBeLessThanOrEqual(26_000);
});

test('with a token to write with there is one tool more, which says that it writes; without one it is not listed', () => {
  const writing = toolList(toolsFor({ writes: true }));
  const { annotations, inputSchema } = writing.find(({ name }) => name === 'apply_plan')!;
  expect(writing.filter(({ name }) => name !== 'apply_plan')).toEqual(listed);
  expect(annotations).toEqual({
    readOnlyHint: false,
    destructiveHint: true,
    idempotentHint: false,
    openWorldHint: false,
  });
  expect([Object.keys(inputSchema.properties ?? {}), inputSchema.required]).toEqual([
    ['plan', 'why'],
    ['plan'],
  ]);
  expect(bytes({ tools: writing })).toBeLessThanOrEqual(27_000);
  expect(toolList(toolsFor({ writes: false }))).toEqual(listed);
  for (const text of [INSTRUCTIONS, INSTRUCTIONS_WHERE_WRITING])
    expect(bytes(text)).toBeLessThanOrEqual(2_000);
  expect(INSTRUCTIONS_WHERE_WRITING).toContain('apply_plan');
  expect(INSTRUCTIONS).toContain('Writes nothing to it.');
});

test('tools/list is the one checked in', async () => {
  await expect(`${JSON.stringify(listed, null, 2)}\n`).toMatchFileSnapshot('../../support/tools-list.json');
});

test.each(
  listed.map((tool, index) => [tool.name, tool, tools[index]!] as const),
)('%s keeps the rules', (name, tool, definition) => {
  expect(name).toMatch(/^[a-z][a-z0-9_]{0,39}$/);
  expect(tool.title?.length).toBeGreaterThan(3);
  expect(tool.description?.length).toBeGreaterThan(80);
  expect(tool.description?.length).toBeLessThanOrEqual(500);
  expect(tool.description).toContain('Example: {');
  expect(Object.keys(tool.annotations ?? {}).sort()).toEqual([
    'destructiveHint',
    'idempotentHint',
    'openWorldHint',
    'readOnlyHint',
  ]);
  expect(tool.annotations?.destructiveHint).toBe(false);
  for (const [argument, schema] of Object.entries(tool.inputSchema.properties ?? {})) {
    const { type, description, items } = schema as {
      type?: string;
      description?: string;
      items?: { type?: string };
    };
    const plain = /^(?:string|integer|number|boolean)$/;
    expect(type === 'array' ? items?.type : type, `${argument} has one plain type`).toMatch(plain);
    expect(description?.length, `${argument} is described`).toBeGreaterThan(5);
  }
  for (const [field, schema] of Object.entries(tool.outputSchema?.properties ?? {}))
    expect(JSON.stringify(schema).split('"properties"').length, `${field} of the answer is shallow`).toBe(1);
  if (definition.annotations.readOnlyHint)
    expect(Object.keys(definition.input)).toEqual(expect.arrayContaining(['max_age_seconds', 'detail']));
  if ('total' in definition.output)
    expect(Object.keys(definition.input)).toEqual(expect.arrayContaining(['limit', 'cursor']));
  expect(JSON.stringify(tool.inputSchema)).not.toMatch(/anyOf|oneOf|allOf|\$ref/);
  expect(Object.keys(definition.example).every(argument => argument in definition.input)).toBe(true);
  expect(
    readFileSync(new URL(`../../../tools/${name.replaceAll('_', '-')}.ts`, import.meta.url), 'utf8'),
  ).toContain(`name: '${name}'`);
});
