/** Finds Quix tokens in text and says where they stand: what `quixnb/detect` finds, base64 and JWTs in pieces aside. */

import type { Kind } from '../findings';
import { isSilenced, kindOfJwt, patterns } from './patterns';
import { tokensInPieces } from './pieces';

/** A token's place in a text, from its first character to behind its last. */
export interface Span {
  readonly kind: Kind;
  readonly start: number;
  readonly end: number;
  /** A JWT's look without a JWT's content: to be hidden, not to be warned of. */
  readonly isDoubtful: boolean;
}

/** The tokens in `text`, in order, without those on a line that says `quixnb: not-a-token`. */
export function findTokens(text: string): Span[] {
  return spansToHide(text).filter(span => !span.isDoubtful && !isSilenced(linesOf(text, span)));
}

/** What to replace so that no token is left in `text`, in order: silencing comments and doubts do not count. */
export function spansToHide(text: string): Span[] {
  const found = [...tokensInPieces(text)];
  for (const pattern of patterns) {
    found.push(...inOnePiece(text, pattern));
  }
  return apart(found);
}

function* inOnePiece(text: string, { kind, hint, regex }: (typeof patterns)[number]): Generator<Span> {
  for (const { index: start } of text.matchAll(hint)) {
    regex.lastIndex = start;
    const match = regex.exec(text);
    if (match !== null) {
      const known = kind === 'jwt' ? kindOfJwt(match[0]) : kind;
      yield { kind: known ?? 'jwt_generic', start, end: regex.lastIndex, isDoubtful: known === null };
    }
  }
}

/** Line of a place in a text, from 1. */
export function lineAt(text: string, place: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at >= 0 && at < place; at = text.indexOf('\n', at + 1)) {
    line++;
  }
  return line;
}

/** In order, without those that overlap one that begins earlier, or as early and goes on longer. */
function apart(spans: Span[]): Span[] {
  let past = -1;
  return spans
    .sort((one, other) => one.start - other.start || other.end - one.end)
    .filter(span => {
      const isApart = span.start >= past;
      past = isApart ? span.end : past;
      return isApart;
    });
}

/** The whole lines that a span stands on. */
function linesOf(text: string, { start, end }: Span): string {
  const last = text.indexOf('\n', end);
  return text.slice(start === 0 ? 0 : text.lastIndexOf('\n', start - 1) + 1, last < 0 ? text.length : last);
}
