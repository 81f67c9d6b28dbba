import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { beforeAll, describe, expect, test } from 'vitest';
import { kebab } from '../../src/cli/flags.ts';
import { tools } from '../../tools/index.ts';
import { cleanEnv, runProgram } from '../support/program.ts';
import { runHere } from '../support/program-here.ts';

const env = cleanEnv(tmpdir());
const scripts: { [shell: string]: string } = {};
beforeAll(async () => {
  for (const shell of ['bash', 'zsh', 'fish']) {
    const run = shell === 'bash' ? runProgram : runHere;
    const { code, stdout, stderr } = await run(['completion', shell], env);
    expect([code, stderr]).toEqual([0, '']);
    scripts[shell] = stdout;
  }
});

/** What one bash would offer after each of these words; the last one is being typed. */
function offeredEach(lines: string[][]): string[][] {
  const ask = lines.map(words => {
    const line = ['proxmox-mpc', ...words].map(word => `'${word}'`).join(' ');
    return `COMPREPLY=(); COMP_WORDS=(${line}); COMP_CWORD=${words.length}; _proxmox_mpc; printf '%s\\n' "\${COMPREPLY[@]}"; echo ---`;
  });
  // compopt works only while bash completes: here it says what it was asked.
  const script = [scripts['bash'], 'compopt() { echo "compopt $*"; }', ...ask].join('\n');
  const out = execFileSync('bash', ['--norc', '-s'], { encoding: 'utf8', env, input: script });
  return out
    .split('---\n')
    .slice(0, -1)
    .map(one => one.split('\n').filter(word => word !== ''));
}
const offered = (...words: string[]): string[] => offeredEach([words])[0]!;

describe('bash', () => {
  test('completes commands, every tool among them', () => {
    const all = offered('');
    for (const name of [...tools.map(tool => kebab(tool.name)), 'serve', 'init', 'db', 'completion', 'call'])
      expect(all).toContain(name);
    expect(offered('list-v')).toEqual(['list-vms']);
    expect(offered('db', 're')).toEqual(['restore', 'reset']);
  });

  test('completes flags of the command and of the program', () => {
    const all = offeredEach(tools.map(tool => [kebab(tool.name), '--']));
    expect(all).toHaveLength(tools.length);
    for (const [at, tool] of tools.entries())
      for (const name of Object.keys(tool.input)) expect(all[at]).toContain(`--${kebab(name)}`);
    expect(offered('list-vms', '--status', 'running', '--det')).toEqual(['--detail']);
    expect(offered('--dem')).toEqual(['--demo']);
    expect(offered('db', 'reset', '--y')).toEqual(['--yes']);
  });

  test('completes the values of arguments', () => {
    expect(offered('list-vms', '--status', '')).toEqual(expect.arrayContaining(['running', 'stopped']));
    expect(offered('list-vms', '--status', '=', 'run')).toEqual(['running']);
    expect(offered('list-vms', '--template', '')).toEqual(['true', 'false']);
    expect(offered('list-vms', '--template', '--sta')).toEqual(['--status']);
    expect(offered('init', '--client', 'c')).toEqual(['claude-desktop', 'claude-code', 'cursor']);
    expect(offered('--log-level', 'w')).toEqual(['warn']);
    expect(offered('completion', '')).toEqual(['bash', 'zsh', 'fish']);
    expect(offered('call', 'list_v')).toEqual(['list_vms']);
    expect(offered('list-vms', '--name', '')).toEqual([]);
  });

  test('completes files where a file is meant', () => {
    for (const words of [
      ['--env-file', ''],
      ['init', '--config-file', ''],
      ['db', 'restore', ''],
    ])
      expect(offered(...words)).toEqual(['compopt -o default']);
  });

  test('takes the value of a flag for no command', () => {
    expect(offered('--url', 'db', 'rest')).toEqual([]);
    expect(offered('--url', 'https://pve1:8006', 'list-v')).toEqual(['list-vms']);
  });

  test('runs nothing of what was typed', () => {
    expect(offered('list-vms', '--name', '$(echo oops >&2; exit 9)', '--sta')).toEqual(['--status']);
  });
});

test('zsh and fish know the same words', () => {
  for (const shell of ['zsh', 'fish']) {
    for (const tool of tools) expect(scripts[shell]).toContain(kebab(tool.name));
    for (const word of ['claude-desktop', 'restore', 'Print a completion script for a shell'])
      expect(scripts[shell]).toContain(word);
  }
});

test('a shell nobody wrote a script for is bad usage', async () => {
  const { code, stderr } = await runHere(['completion', 'powershell'], env);
  expect(code).toBe(2);
  expect(stderr).toContain('bash, zsh, fish');
});
