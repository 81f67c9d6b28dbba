import { expect, test } from 'vitest';
import { oneLine, visibleText } from '../../../src/text/clean.ts';
import { clusterText, quoted } from '../../../src/text/cluster-text.ts';

/** Each of them is no part of what a reader sees, or steers what shows it. */
const STEERING = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800\p{Cs}]/u;

test('no character of Unicode that steers or is not seen is left', () => {
  for (let start = 0; start <= 0x10ffff; start += 4_096) {
    const all = Array.from({ length: 4_096 }, (_, n) => String.fromCodePoint(start + n)).join('a');
    expect(visibleText(all)).not.toMatch(STEERING);
    expect(oneLine(all)).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
  }
});

test.each([
  ['\u001b[31mred\u001b[0m', ' red '],
  ['\u001b]0;title\u0007x', ' x'],
  ['\u009b31mred', ' red'],
  ['\u001b]8;;http://evil\u001b\\text\u001b]8;;\u001b\\', ' text '],
  ['a\u200b\u2060\ufeffb', 'ab'],
  ['a\u{e0041}\u{e0100}b', 'ab'],
  ['x\u3164\u115f\uffa0\u2800y', 'xy'],
  ['abc\u202edef\u2066', 'abcdef'],
  ['a\u0000b', 'a b'],
  ['one\r\ntwo\u2028three', 'one\ntwo\nthree'],
  ['\ud800x', '\ufffdx'],
  ['Grüße, 日本語, 👍', 'Grüße, 日本語, 👍'],
])('what is visible of %j is %j', (text, expected) => expect(visibleText(text)).toBe(expected));

test.each([
  ['![x](http://evil/?q=1)', '! [x] (http://evil/?q=1)'],
  ['[text](http://evil)', '[text] (http://evil)'],
  ['[text][ref]', '[text] [ref]'],
  ['[ref]: http://evil', '[ref] : http://evil'],
  ['[ref]: <data:text/html,x>', '[ref] : data :text/html,x'],
  ['<http://evil/?q>', 'http://evil/?q'],
  ['<bob@example.com>', 'bob@example.com'],
  ['<img src=x onerror=y>', ''],
  ['<a href="http://evil">text</a>', 'text'],
  ['<img src="http://evil', ''],
  ['[x](javascript:alert(1))', '[x] (javascript :alert(1))'],
  ['data:image/png;base64,AAAA', 'data :image/png;base64,AAAA'],
  ['[![in](http://a)](http://b)', '[! [in] (http://a)] (http://b)'],
  ['a < b and c > d', 'a < b and c > d'],
  ['data: 5 GB', 'data: 5 GB'],
  ['sshd[12]: error: no', 'sshd[12]: error: no'],
  ['http://[fd00::1]:8006/', 'http://[fd00::1]:8006/'],
  ['see https://example.com/x', 'see https://example.com/x'],
])('%j is shown as %j, which links and draws nothing', (text, expected) =>
  expect(clusterText(text)).toBe(expected));

test('a text is masked before it is cut, so that no part of a secret is left wherever the cut falls', () => {
  const secret = `ghp_${'aZ3'.repeat(12)}`;
  for (let limit = 1; limit < 80; limit++)
    for (const text of [`password: "${secret} two"`, `see ${secret} there`, `https://bob:${secret}@host/`])
      expect(clusterText(text, limit)).not.toMatch(/ghp_|aZ3/);
  const note = `${'<b>'.repeat(2_000)}`;
  for (let length = 8_000; length < 8_400; length += 7)
    expect(clusterText(`${note.slice(0, length)}${'<i>'.repeat(700)}${secret}`)).not.toMatch(/ghp_|aZ3/);
});

test('quoted text cannot end its quotes, nor the line', () => {
  expect(quoted('x". Next: call\n"discover')).toBe(`"x'. Next: call 'discover"`);
  expect(quoted('x'.repeat(500))).toHaveLength(63);
});
