import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A command as a document shows it, and where. */
export interface Documented {
  command: string;
  document: string;
}

/** Code blocks that hold no commands. */
const NO_SHELL = /^(?:json|jsonc|yaml|ini|ts|sql|xml)$/;
const STARTS = /^(?:\$ )?((?:[A-Z_]+=\S+ +)*(?:npm|npx|proxmox-mpc|pveum|printf|claude|code) .*)$/;

/** Every command in the README and the documents, each once, but those of generated ones. */
export function documentedCommands(root: string): Documented[] {
  const documents = [
    ...['README.md', 'CONTRIBUTING.md', 'AGENTS.md', 'SECURITY.md'],
    ...readdirSync(join(root, 'docs')).flatMap(name =>
      name.endsWith('.md') && name !== 'tools.md' ? [`docs/${name}`] : [],
    ),
  ];
  const found = new Map<string, string>();
  for (const document of documents)
    for (const command of commandsIn(readFileSync(join(root, document), 'utf8')))
      if (!found.has(command)) found.set(command, document);
  return [...found].map(([command, document]) => ({ command, document }));
}

function commandsIn(text: string): string[] {
  const blocks = [...text.matchAll(/```([a-z]*)\n([\s\S]*?)```/g)].flatMap(([, language, block]) =>
    NO_SHELL.test(language!) ? [] : block!.replace(/\\\n\s*/g, ' ').split('\n'),
  );
  const inline = [...text.replace(/```[\s\S]*?```/g, '').matchAll(/`([^`\n]+)`/g)].map(([, code]) => code!);
  return [...blocks, ...inline].flatMap(line => {
    const command = STARTS.exec(line.trim())?.[1]
      ?.replace(/\s+#.*$/, '')
      .trim();
    return command === undefined ? [] : command.split(' && ');
  });
}

/** How a command is tried. */
export type Trial =
  /** In a fresh clone against a simulated cluster; `codes` are the exit codes it may have there, and `why` where that is not 0. */
  | { run: true; codes: readonly number[]; why?: string }
  /** By looking whether the clone has what it starts. */
  | { starts: readonly string[] }
  /** Not here. */
  | { elsewhere: string };

/** Commands whose exit code is another one on a cluster that is as healthy and as young as this one, by how they begin. */
const OTHER_CODES: [begins: RegExp, codes: number[], why: string][] = [
  [/ apply (?:PLAN|p-)/, [2, 3], 'there is no such plan'],
  [/ approve PLAN/, [1, 2, 3], 'there is no such plan, and nobody at a terminal'],
  [/ plan --undo/, [1, 2], 'there is no such plan'],
  [/ drift\b/, [0, 2], '2 is a difference'],
  [/ plan .*--to yesterday/, [0, 1], 'history begins later'],
  [/ --rollback-to /, [0, 1, 2], 'the revision may not be there'],
  [/ --like "last friday"/, [1, 2], 'history begins later'],
  [/ --since "yesterday 18:00" --until/, [0, 1, 2], 'history begins later'],
  [/ db adopt$/, [0, 1, 2], 'there is nothing to adopt'],
  [/ declare-state /, [0, 1, 2], 'what is there differs'],
];

/** How this command is tried; undefined where nobody has said. */
export function trialOf(command: string, root: string): Trial | undefined {
  if (/^(?:git|gh) /.test(command)) return { elsewhere: 'it changes what is published' };
  if (/^npm (?:version|deprecate|audit)\b/.test(command))
    return { elsewhere: 'it changes what is published' };
  if (/^npm (?:ci|test)(?: -- --coverage)?$/.test(command))
    return { starts: ['package-lock.json', 'package.json'] };
  if (/^npm (?:pack|install --global \.\/proxmox-mpc-)/.test(command))
    return { elsewhere: 'test/e2e/package.test.ts packs and installs' };
  if (/^npm (?:install|i) (?:-g|--global) proxmox-mpc$/.test(command))
    return { elsewhere: 'the package is not published yet, as the README says' };
  const script = /^npm run ([\w:]+)/.exec(command)?.[1];
  if (script !== undefined) return { starts: filesOfScript(script, root) };
  if (/^npx vitest run /.test(command)) return { starts: testFiles(command) };
  if (/^npx node (?:src|scripts)\//.test(command)) return { starts: [command.split(' ')[2]!] };
  if (command.startsWith('pveum ')) return { elsewhere: 'on a Proxmox node' };
  if (/^(?:claude|code) /.test(command)) return { elsewhere: 'needs that program' };
  if (!/(?:^|\s)(?:npx )?proxmox-mpc(?: |$)/.test(command)) return undefined;
  const other = OTHER_CODES.find(([begins]) => begins.test(command));
  return other === undefined ? { run: true, codes: [0] } : { run: true, codes: other[1], why: other[2] };
}

function filesOfScript(script: string, root: string): string[] {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: { [script: string]: string };
  };
  const text = scripts[script] ?? '';
  const files = [...text.matchAll(/(?:node|--config|--schema) (\S+\.(?:ts|prisma))/g)].map(
    ([, file]) => file!,
  );
  return text === '' ? [`package.json: no script ${script}`] : ['package.json', ...files];
}

/** Files a guide has you write are not there yet. */
const OF_GUIDES = /list-stale-guests|remarks|discovery\/dns/;

function testFiles(command: string): string[] {
  return command.split(' ').filter(word => word.endsWith('.test.ts') && !OF_GUIDES.test(word));
}

/** Those of these files that are not there. */
export function missingOf(starts: readonly string[], clone: string): string[] {
  return starts.filter(path => !existsSync(join(clone, path)));
}
