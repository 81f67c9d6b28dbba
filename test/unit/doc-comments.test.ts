import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isVariableStatement, type ModifiersBase, type Statement, SyntaxKind } from 'typescript/unstable/ast';
import { createVirtualFileSystem } from 'typescript/unstable/fs';
import { API } from 'typescript/unstable/sync';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Nothing is resolved and no type is looked at: the sources are only taken apart. */
const PARSE_ONLY = { compilerOptions: { noResolve: true, noLib: true, types: [] } };

/** Files by path; what each exports without a doc comment of its own, as `path:line name`. Re-exports declare nothing. */
function undocumented(files: { [path: string]: string }): string[] {
  const sources = Object.entries(files).map(([path, text]) => [`/${path}`, text]);
  const config = { '/tsconfig.json': JSON.stringify(PARSE_ONLY) };
  const api = new API({
    cwd: '/',
    fs: createVirtualFileSystem({ ...config, ...Object.fromEntries(sources) }),
  });
  try {
    const [project] = api.updateSnapshot({ openProjects: ['/tsconfig.json'] }).getProjects();
    return Object.keys(files).flatMap(path => {
      const source = project!.program.getSourceFile(`/${path}`)!;
      return source.statements.filter(isExported).flatMap(statement => {
        const comments = statement.jsDoc?.length ?? 0;
        if (comments === 1) return [];
        const line = source.text.slice(0, statement.getStart(source)).split('\n').length;
        const fault = comments === 0 ? 'has no doc comment' : 'follows a doc comment of nothing';
        return `${path}:${line} ${nameOf(statement)} ${fault}`;
      });
    });
  } finally {
    api.close();
  }
}

function isExported(statement: Statement): boolean {
  const { modifiers } = statement as Statement & Partial<ModifiersBase>;
  return modifiers?.some(({ kind }) => kind === SyntaxKind.ExportKeyword) ?? false;
}

function nameOf(statement: Statement): string {
  const declared = isVariableStatement(statement) ? statement.declarationList.declarations[0] : statement;
  return (declared as { name?: { text: string } }).name?.text ?? 'default';
}

test('every export has a doc comment', () => {
  const paths = ['src', 'tools', 'resources', 'prompts'].flatMap(folder =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter(path => path.endsWith('.ts') && !path.includes('generated'))
      .map(path => `${folder}/${path}`),
  );
  expect(paths.length).toBeGreaterThan(300);
  const files = Object.fromEntries(paths.map(path => [path, readFileSync(join(ROOT, path), 'utf8')]));
  expect(undocumented(files), 'say what it is for, its units, what it throws').toEqual([]);
});

test('the rule catches what it forbids', () => {
  const bare =
    'const own = 1;\n/** Two. */\nexport const two = own + 1;\n\nexport function three(): void {}\n';
  const stray = '/** Of something that moved away. */\n/** A guest. */\nexport interface Guest {}\n';
  const line = '// No doc comment.\nexport type Id = number;\n';
  const passed = "export * from './bare.ts';\nexport { two as other } from './bare.ts';\n";
  expect(undocumented({ 'bare.ts': bare, 'stray.ts': stray, 'line.ts': line, 'passed.ts': passed })).toEqual([
    'bare.ts:5 three has no doc comment',
    'stray.ts:3 Guest follows a doc comment of nothing',
    'line.ts:2 Id has no doc comment',
  ]);
});
