import { CHECKS } from '../src/health/index.ts';

/** docs/checks.md from the texts of the checks. */
export function checksMarkdown(): string {
  return [
    '# Checks',
    '',
    '<!-- Generated from src/health by `npm run docs`. Do not edit. -->',
    '',
    `\`check_health\` (\`proxmox-mpc check-health\`) runs these ${CHECKS.length} checks on what the store knows; it asks Proxmox VE for nothing that other`,
    'tools do not read too. What a check cannot see is no finding: the answer says so under `unseen`. A finding that is worse, or',
    'milder, than usual says so by its own severity. `attention` of `get_cluster_status` is the short form: all that is at least a',
    'warning and needs no configuration to be judged, and what failed of late. `check` takes a name, or what several begin with: `backup`.',
    '',
    '| check | severity | why it matters | what it rests on | what to do |',
    '| --- | --- | --- | --- | --- |',
    ...CHECKS.map(
      ({ name, severity, reason, evidence, next }) =>
        `| \`${name}\` | ${severity} | ${reason} | ${evidence} | ${next} |`,
    ),
    '',
    '`if_down` names what the loss of one node means: which guests stop, which of them high availability starts elsewhere, which',
    'cannot start there and why (a disk, a folder or hardware of that node, a storage that no other node has, a rule that binds',
    'them), whether the others keep quorum and have the memory, and which tasks run there. Of a node that is down already it tells',
    'what ran there when it was last seen. `if_down` `all` sets the loss of each node beside the others, the least harmful first.',
    '',
  ].join('\n');
}
