/** Tokens that noise breaks up, or with characters escaped: those that `quixnb/detect/pieces.py` finds, JWTs aside. */

import type { Span } from './search';
import { noiseBefore, noiseFrom } from './patterns';

/** How far before a dash its three letters are looked for. */
const PREFIX_WINDOW = 300;
const DIGITS = 32;
const SHORT_FRAGMENT = 4;
const MANY = 3;

// What a dash begins with, as it is or escaped; and a character in any of these spellings.
const ANCHOR = /[-%&\\]/g;
const ESCAPE =
  /%(?:25)?(?:u00)?([0-9a-f]{2})|\\{1,8}(?:(?:u00|U0{6}|x)([0-9a-f]{2})|u\{0{0,4}([0-9a-f]{2})\}|([0-7]{3})|(PYZhy\{\}))|(?:&|\\{1,8}u0026)(?:amp;)?(?:#0{0,5}([0-9]{2,3});|#x0{0,5}([0-9a-f]{2});|(hyphen|dash);)/iy;
const BEGINS_ESCAPE = /[%&\\]/;
// A quick look, which saves nearly every long one.
export const BEGINS_ESCAPE_OR_NOISE = /[%&\\<|"'`\0- \u0080-\uffff]/;
const HEX = /[0-9a-f]/i;
const WORD = /[0-9a-z]/i;
const AT_A_LINES_END = /[ \t]*(?:$|[\r\n"'`<|\u2502\u2503\u2551\u001b]|\\{1,8}[nr"'])/y;
const ESCAPE_BEFORE = /(?:\\[nrt]|\\x[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|%(?:25)?[0-9A-Fa-f]{2}|=[0-9A-F]{2})$/;
const LONGEST_NOISE_BEFORE = 1100;

interface Unit {
  readonly letter: string;
  readonly end: number;
}

/** Noise, and how many letters of a walk stand before it. */
interface Gap {
  readonly noise: string;
  readonly at: number;
}

interface Walk {
  readonly letters: string;
  readonly end: number;
  readonly gaps: readonly Gap[];
}

/** Streaming and personal access tokens that do not stand in one piece. Time is linear: what is walked over behind a
 * dash ends at the next, or at the bounds of the noise. */
export function* tokensInPieces(text: string): Generator<Span> {
  for (let at = nextAnchor(text, 0); at >= 0; at = nextAnchor(text, at + 1)) {
    const behind = text.charAt(at) === '-' ? at + 1 : escapedDash(text, at);
    const digits = behind > 0 ? walk(text, behind, HEX, DIGITS) : null;
    const prefix = digits && prefixBefore(text, at);
    if (digits && prefix && isToken(text, prefix.walked, digits)) {
      const isDoubtful = !standsApart(text, prefix.start, digits.end); // it stands inside a longer word
      if (!isDoubtful || !HEX.test(text.charAt(digits.end))) {
        yield { kind: prefix.kind, start: prefix.start, end: digits.end, isDoubtful };
      }
    }
  }
}

/** Where the escape that begins at `at` ends, if it stands for a dash; else 0. */
function escapedDash(text: string, at: number): number {
  const unit = escapedUnitAt(text, at);
  return unit?.letter === '-' ? unit.end : 0;
}

function nextAnchor(text: string, from: number): number {
  ANCHOR.lastIndex = from;
  return ANCHOR.exec(text)?.index ?? -1;
}

function isToken(text: string, prefix: Walk, digits: Walk): boolean {
  return new Set(digits.letters.toLowerCase()).size > 1 && !isOtherText(text, prefix, digits);
}

/** One character of a token, as it is or escaped. */
function unitAt(text: string, at: number): Unit | null {
  const letter = text.charAt(at);
  return BEGINS_ESCAPE.test(letter) ? escapedUnitAt(text, at) : letter ? { letter, end: at + 1 } : null;
}

function escapedUnitAt(text: string, at: number): Unit | null {
  ESCAPE.lastIndex = at;
  const match = ESCAPE.exec(text);
  if (match === null) {
    return null;
  }
  const [whole, percent, u, braced, octal, , decimal, hexadecimal] = match;
  const hex = percent ?? u ?? braced ?? hexadecimal;
  const code = hex ? parseInt(hex, 16) : octal ? parseInt(octal, 8) : decimal ? parseInt(decimal, 10) : 45;
  return { letter: String.fromCharCode(code), end: at + whole.length };
}

/** `count` characters of a token from `at` on, with noise between and before them; null if they are not there. */
function walk(text: string, at: number, letter: RegExp, count: number): Walk | null {
  const gaps: Gap[] = [];
  let letters = '';
  let endOfNoise = -1;
  while (letters.length < count) {
    const next = text.charAt(at);
    if (letter.test(next)) {
      letters += next;
      at++;
      continue;
    }
    if (!BEGINS_ESCAPE_OR_NOISE.test(next)) {
      return null;
    }
    const unit = unitAt(text, at);
    if (unit && letter.test(unit.letter)) {
      letters += unit.letter;
      at = unit.end;
      continue;
    }
    const end = noiseFrom(text, at);
    if (end === at || at === endOfNoise) {
      return null; // neither a character nor noise, or more noise than may stand together
    }
    gaps.push({ noise: text.slice(at, end), at: letters.length });
    at = endOfNoise = end;
  }
  return { letters, end: at, gaps };
}

/** The kind that the letters before a dash stand for, and where they begin. */
function prefixBefore(text: string, dash: number): { start: number; kind: 'sdk' | 'pat'; walked: Walk } | null {
  for (let start = dash - 3; start >= Math.max(0, dash - PREFIX_WINDOW); start--) {
    if (!'sSpP%&\\'.includes(text.charAt(start))) {
      continue;
    }
    const walked = walk(text, start, /[a-z]/i, 3);
    const kind = walked?.letters.toLowerCase();
    if (walked && (kind === 'sdk' || kind === 'pat') && noiseFrom(text, walked.end) === dash) {
      return { start, kind, walked };
    }
  }
  return null;
}

function standsApart(text: string, start: number, end: number): boolean {
  const next = unitAt(text, end);
  const afterDash = next?.letter === '-' ? unitAt(text, next.end) : null;
  if ((next && WORD.test(next.letter)) || (afterDash && WORD.test(afterDash.letter))) {
    return false;
  }
  if (start === 0 || !/[-\p{L}\p{N}]/u.test(text.charAt(start - 1))) {
    return true;
  }
  const before = text.slice(Math.max(0, start - LONGEST_NOISE_BEFORE), start);
  return ESCAPE_BEFORE.test(before) || noiseBefore.test(before);
}

/** Whether lines or items behind a name such as `pat-1` only look like a token's digits. */
function isOtherText(text: string, prefix: Walk, digits: Walk): boolean {
  const apart = digits.gaps.filter(separates);
  const last = apart.at(-1);
  if (!last || prefix.gaps.some(separates)) {
    return false; // none, or each letter of a prefix by itself
  }
  const isShort = apart.some(({ at }, index) => index > 0 && at - (apart[index - 1]?.at ?? 0) < SHORT_FRAGMENT);
  if (apart.length >= MANY && isShort) {
    return true;
  }
  if (DIGITS - last.at >= SHORT_FRAGMENT) {
    return false;
  }
  // As in `sdk-…` one digit short, and `a = 5` in the next line, or `'a'` behind a comma.
  AT_A_LINES_END.lastIndex = digits.end;
  return last.noise.includes(',') || !AT_A_LINES_END.test(text);
}

/** Whether there is a comma in a gap, or the end of a line that neither a backslash nor a plus continues. */
function separates({ noise }: Gap): boolean {
  return !noise.includes('+') && /,|(?<![\\\r])\r?\n|(?<!\\)\\n/.test(noise);
}
