/*
 * Disguises that hide a word from a program but not from its reader: letters of other alphabets that look the same, wide
 * and ornate letters, and codes that a browser or a parser decodes.
 */

/** A text as its reader understands it, with the original position of each UTF-16 unit, and of the end. */
export interface Reading {
  text: string;
  from: readonly number[];
}

/** How often a text may be encoded over and over. */
const ROUNDS = 4;

/**
 * The text after decoding it `round` times, with plain letters. Null if nothing in it is disguised, or it is not encoded
 * that often.
 */
export function readingOf(text: string, round: number): Reading | null {
  if (round > ROUNDS || !HIDDEN.test(text)) return null;
  let reading: Reading = { text, from: Array.from({ length: text.length + 1 }, (_, at) => at) };
  for (let n = 0; n < round; n++) {
    const decoded = replaced(reading, CODE, decode);
    if (decoded.text === reading.text) return null;
    reading = decoded;
  }
  return replaced(reading, FOREIGN, plainLetters);
}

/** Percent encoding, HTML entities, and escapes of JSON, JavaScript and C. */
const CODE =
  /%[0-7][\da-f]|(?:%[89a-f][\da-f])+|&(?:#\d{1,7}|#x[\da-f]{1,6}|colon|equals|quot|apos|amp|lt|gt|nbsp|sol|bsol|commat|lowbar|hyphen|dollar);|\\{1,8}(?:u[\da-f]{4}|u\{[\da-f]{1,6}\}|x[\da-f]{2})/gi;
/** Anything but ASCII. */
const FOREIGN = /[^\0-\x7f]/gu;
const HIDDEN = new RegExp(`${FOREIGN.source}|${CODE.source}`, 'iu');

const ENTITIES: { readonly [name: string]: string } = {
  ...{ colon: ':', equals: '=', quot: '"', apos: "'", amp: '&', lt: '<', gt: '>', nbsp: ' ' },
  ...{ sol: '/', bsol: '\\', commat: '@', lowbar: '_', hyphen: '-', dollar: '$' },
};

function decode(code: string): string {
  if (code.startsWith('%')) return Buffer.from(code.replaceAll('%', ''), 'hex').toString('utf8');
  const name = code.slice(1, -1).toLowerCase();
  if (code.startsWith('&') && !name.startsWith('#')) return ENTITIES[name] ?? code;
  const digits = code.replace(/^(?:&#x|\\+[ux]\{?)/i, '').replace(/^&#|[;}]$/g, '');
  const point = Number.parseInt(digits, /^&#\d/.test(code) ? 10 : 16);
  return point <= 0x10ffff ? String.fromCodePoint(point) : code;
}

/**
 * Pairs of a character and what it looks like, beyond Unicode's own compatibility: from its table of confusables (UTS 39),
 * the alphabets whose letters can stand for Latin ones, and the signs between a name and its value.
 */
const ALIKE = new Map(
  [
    // Cyrillic
    'аa вb еe кk мm оo рp сc тt уy хx нh іi јj ѕs ԁd ԛq ԝw ѡw һh ӏl гr пn ɡg ёe їi ўy ґr ѵv ԍg ᴦr',
    'АA ВB ЕE КK МM НH ОO РP СC ТT УY ХX ІI ЈJ ЅS ԌG ԚQ ԜW ҮY ӀI ЁE ЇI',
    // Greek
    'αa βb γy εe ιi κk νv οo ρp σo ςs τt υu χx ωw ηn ϲc ϳj',
    'ΑA ΒB ΕE ΖZ ΗH ΙI ΚK ΜM ΝN ΟO ΡP ΤT ΥY ΧX ϹC',
    // Latin beyond ASCII, Armenian, Cherokee
    "ıi ɑa ɩi ɪi ɡg ʀr ʏy ɴn ʟl ʙb ɢg ʜh ᴀa ᴄc ᴅd ᴇe ᴊj ᴋk ᴍm ᴏo ᴘp ᴛt ᴜu ᴠv ᴡw ᴢz ꜱs ꜰf øo łl đd ħh ƙk ƥp ɗd ẝs ƿp ꞌ' ꓑP ꓮA ꓢS ꓪW ꓳO ꓣR ꓓD",
    'օo ոn սu ցg հh յj ԝw Ꭺa Ꮪs Ꮃw Ꮲp Ꭰd Ꭱe Ꮖi Ꮯc Ꮶk Ꮋh Ꭲt Ꮩv',
    // Signs between a name and its value
    '∶: ꞉: ﹕: ︓: ։: ：: ׃: ⁚: ː: ˸: ≔= ≈= ≡= ꓿= ‐- ‑- ‒- –- —- −- ·. •. ⇒→ ➜→ ➔→ ➙→ ➡→ ⟶→ ⟹→ ➤→ 👉→ ↦→',
  ]
    .join(' ')
    .split(' ')
    .map(pair => {
      const [sign = '', ...taken] = [...pair];
      return [sign, taken.join('')] as const;
    }),
);

/** First letters of ornate Latin alphabets for which Unicode has no compatible plain letters. */
const ORNATE = [0x249c, 0x1f150, 0x1f170, 0x1f1e6];
const LETTERS = 26;
const FIRST_LETTER = 97;

const MARKS = /\p{M}+/gu;

function plainLetters(sign: string): string {
  const alike = ALIKE.get(sign);
  if (alike !== undefined) return alike;
  const point = sign.codePointAt(0) as number;
  const block = ORNATE.find(first => point >= first && point < first + LETTERS);
  if (block !== undefined) return String.fromCodePoint(FIRST_LETTER + point - block);
  const plain = sign.normalize('NFKD').replace(MARKS, '');
  return plain === sign ? sign : [...plain].map(one => ALIKE.get(one) ?? one).join('');
}

function replaced(reading: Reading, what: RegExp, by: (found: string) => string): Reading {
  const parts: string[] = [];
  const from: number[] = [];
  let at = 0;
  const keep = (end: number) => {
    parts.push(reading.text.slice(at, end));
    for (; at < end; at++) from.push(reading.from[at] as number);
  };
  for (const { 0: found, index } of reading.text.matchAll(what)) {
    keep(index);
    const other = by(found);
    parts.push(other);
    // A mark that was removed belongs to the letter before it, so it gets no position of its own.
    for (let unit = 0; unit < other.length; unit++) from.push(reading.from[index] as number);
    at = index + found.length;
  }
  keep(reading.text.length);
  from.push(reading.from[reading.text.length] as number);
  return { text: parts.join(''), from };
}
