import { prompts } from '../prompts/index.ts';
import { resources } from '../resources/index.ts';
import { toolList } from '../src/mcp/server/tool-list.ts';
import { toolsThatWrite as tools } from '../tools/index.ts';

interface Property {
  type?: string;
  enum?: string[];
  description?: string;
}

const ONLY_WITH_TOKEN =
  'Listed only where a token to write with is set ([configuration](configuration.md)); [applying.md](applying.md) has what may change and who approves it.';

/** docs/tools.md from the definitions. */
export function toolsMarkdown(): string {
  const listed = toolList(tools);
  const shown = tools.filter(({ unlisted }) => unlisted !== true);
  const sections = listed.map((tool, index) => {
    const properties = Object.entries((tool.inputSchema.properties ?? {}) as Record<string, Property>);
    const required = new Set(tool.inputSchema.required ?? []);
    return [
      `## ${tool.name}`,
      '',
      tool.description ?? '',
      '',
      ...(tool.name === 'apply_plan' ? [ONLY_WITH_TOKEN, ''] : []),
      ...(properties.length === 0
        ? ['No arguments.']
        : ['| argument | type | meaning |', '| --- | --- | --- |']),
      ...properties.map(([name, property]) => {
        const type = property.enum?.join(', ') ?? property.type ?? '';
        return `| ${required.has(name) ? `**${name}**` : name} | ${type} | ${(property.description ?? '').replaceAll('|', '\\|')} |`;
      }),
      '',
      'Answer:',
      '',
      ...Object.entries((tool.outputSchema?.properties ?? {}) as Record<string, Property>).map(
        ([name, property]) => `- \`${name}\`: ${property.description ?? ''}`,
      ),
      '',
      `As a command: \`proxmox-mpc ${tool.name.replaceAll('_', '-')}\`. Example arguments: \`${JSON.stringify(shown[index]!.example)}\`.`,
      ...(tool.name === 'list_guests' ? [`\`proxmox-mpc list-containers\` lists containers alone.`] : []),
      '',
    ].join('\n');
  });
  return [
    '# Tools, resources and prompts',
    '',
    '<!-- Generated from tools/, resources/ and prompts/ by `npm run docs`. Do not edit. -->',
    '',
    ...sections,
    '## Resources',
    '',
    '| URI | what |',
    '| --- | --- |',
    ...resources.map(resource => `| \`${resource.uri}\` | ${resource.description} |`),
    '',
    'Hosts may subscribe to them: an update is sent when a commit changes what they show.',
    '',
    '## Prompts',
    '',
    '| name | arguments | what |',
    '| --- | --- | --- |',
    ...prompts.map(prompt => {
      const names = prompt.arguments.map(one => (one.required ? `**${one.name}**` : one.name)).join(', ');
      return `| \`${prompt.name}\` | ${names} | ${prompt.description} |`;
    }),
    '',
  ].join('\n');
}

/** The README's table of tools. */
export function toolTable(): string {
  return [
    '| tool | what it answers |',
    '| --- | --- |',
    ...tools
      .filter(({ unlisted }) => unlisted !== true)
      .map(tool => `| \`${tool.name}\` | ${firstSentence(tool.description)} |`),
  ].join('\n');
}

function firstSentence(text: string): string {
  return /^.*?[.;](?= |$)/.exec(text)?.[0].replace(/;$/, '.') ?? text;
}
