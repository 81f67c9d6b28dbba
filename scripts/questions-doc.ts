import { FAMILIES } from '../test/questions/bank/index.ts';

/** docs/questions.md from the bank of test/questions: each question with the one or two calls that answer it. */
export function questionsMarkdown(): string {
  const questions = FAMILIES.flatMap(family => family.questions);
  return [
    '# What people ask',
    '',
    '<!-- Generated from test/questions/bank by `npm run docs`. Do not edit. -->',
    '',
    `What this server is for, by ${questions.length} questions of administrators. An assistant answers each with the calls below it; at a terminal`,
    'every tool is a command of the same name (`proxmox-mpc check-health --if-down pve1`). A test asks them all of a simulated cluster',
    'whose truth is known, and holds that the facts are in the answers and nothing false is.',
    '',
    ...FAMILIES.flatMap(({ title, questions: asked }) => [
      `## ${title}`,
      '',
      ...asked.flatMap(({ ask, calls, tells }) => [
        `**${ask}** ${tells}`,
        '',
        '```',
        ...calls.map(([tool, args]) => `${tool} ${JSON.stringify(args)}`),
        '```',
        '',
      ]),
    ]),
  ]
    .join('\n')
    .trimEnd()
    .concat('\n');
}
