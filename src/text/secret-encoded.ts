import { MADE_UP } from './secret-bare.ts';

/*
 * Unreadable runs of letters and digits: base64 of a text with a secret, as in Kubernetes and cloud-init, and tokens without
 * a form of their own, such as those of Hetzner and Cloudflare.
 */

/** Lines as encoders break them, and the last one. Not part of a path, a dotted name or a checksum. */
const RUN =
  /(?<![\w+/.-])(?<!sha256[:=]\s{0,3})(?:[A-Za-z0-9+/]{60,76}\r?\n[ \t]{0,20}){0,100}[A-Za-z0-9+/_-]{16,}={0,2}(?![\w+/-])/gi;
/** Pairs of hexadecimal digits, with or without separators. */
const HEX = /(?<![\w+/.-])(?:(?:0x)?[\da-f]{2}[ :,]{0,2}){8,}(?![\w+/-])/gi;
/** How much of a run is decoded (characters): a multiple of four. */
const DECODED_AT_MOST = 8_000;
/** Text: valid UTF-8, no control characters but line breaks and tabs. */
const READABLE = /^[\t\n\r -~\u00a0-\ufffc\u{10000}-\u{10fffd}]{8,}$/u;
const TOKEN = /^(?=.*\d)(?=.*[a-z])(?=.*[A-Z])[A-Za-z0-9]{40,200}$/;
/** Where the kind of character changes: in random text at three places of five, in joined words at two. */
const CHANGE = /[a-z](?=[A-Z\d])|[A-Z](?=[a-z\d])|\d(?=[A-Za-z])/g;
const CHANGES_AT_LEAST = 0.47;
/** Public, though it looks the same. */
const PUBLIC_KEY = /^(?:20)?AAAA[A-Z]3Nz/;
const CERTIFICATE = /BEGIN (?:[A-Z0-9]{1,20} ){0,3}(?:CERTIFICATE|PUBLIC)/;

/** A login and its password, as in `Authorization: Basic` and Docker's configuration. */
const LOGIN = new RegExp(`^[\\w.@+-]{1,64}:${MADE_UP}$`, 'iu');

/** Masks such runs; `holds` says whether a decoded text contains a secret. */
export function maskEncoded(
  text: string,
  holds: (decoded: string) => boolean,
  replace: (run: string) => string,
): string {
  const tells = (decoded: string) => LOGIN.test(decoded) || holds(decoded);
  const masked = text.replace(HEX, run => {
    const decoded = readable(Buffer.from(run.replace(/0x|[ :,]/gi, '').slice(0, DECODED_AT_MOST), 'hex'));
    return decoded !== null && tells(decoded) ? replace(run) : run;
  });
  return masked.replace(RUN, run => {
    const decoded = readable(Buffer.from(run.replace(/\s/g, '').slice(0, DECODED_AT_MOST), 'base64'));
    const secret = decoded === null ? isRandom(run) && !CERTIFICATE.test(text) : tells(decoded);
    return secret ? replace(run) : run;
  });
}

/** The bytes as UTF-8, or as UTF-16, which PowerShell uses. */
function readable(bytes: Buffer): string | null {
  const wide = bytes.length % 2 === 0 && bytes[1] === 0 && bytes[3] === 0;
  const text = bytes.toString(wide ? 'utf16le' : 'utf8');
  return READABLE.test(text) ? text : null;
}

function isRandom(run: string): boolean {
  if (!TOKEN.test(run) || PUBLIC_KEY.test(run)) return false;
  return (run.match(CHANGE)?.length ?? 0) >= run.length * CHANGES_AT_LEAST;
}
