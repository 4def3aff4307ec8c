/** The shared patterns, compiled, and what a JWT's parts say. */

import file from '../../../quixnb/patterns.json';
import type { Kind } from '../findings';

/** A token's look: every match of `regex`, which is tried where its `lastIndex` says, begins with one of `hint`. */
interface Pattern {
  readonly kind: 'sdk' | 'pat' | 'jwt';
  readonly hint: RegExp;
  readonly regex: RegExp;
}

export const patterns: readonly Pattern[] = file.patterns.map(({ kind, hint, regex }) => ({
  kind,
  hint: new RegExp(hint, 'gi'),
  regex: new RegExp(regex, 'y')
}));

// Noise of one kind, and the gap between two string literals, where `lastIndex` says.
const noise = new RegExp(Object.values(file.noise).join('|'), 'y');
const gap = new RegExp(
  `(?:${file.gap.quote})(?:${Object.values(file.gap.items).join('|')}){0,${file.gap.most_items}}`,
  'y'
);
const MOST_GAPS = 2;

/** What can stand before a token as noise, at the end of a text. */
export const noiseBefore = new RegExp(`(?:${noise.source}|${gap.source})$`);

/** Where the noise that begins at `at` ends. Its bounds, which Python has too, keep the search linear. */
export function noiseFrom(text: string, at: number): number {
  let end = severalFrom(text, at);
  for (let gaps = 0; gaps < MOST_GAPS && (gap.lastIndex = end, gap.test(text)); gaps++) {
    end = severalFrom(text, gap.lastIndex);
  }
  return end;
}

function severalFrom(text: string, at: number): number {
  let end = at;
  for (let count = 0; count < file.most_noise; count++) {
    noise.lastIndex = end;
    if (!noise.test(text)) {
      break;
    }
    end = noise.lastIndex;
  }
  return end;
}

const silence = new RegExp(file.silence);

/** Whether a comment in a line says that there is no token. */
export function isSilenced(line: string): boolean {
  return silence.test(line);
}

/** What kind of JWT this is; null if its first part is no JSON object: then it is three words with dots. */
export function kindOfJwt(text: string): Extract<Kind, 'jwt' | 'jwt_generic'> | null {
  const [head, body] = text.split('.', 2).map(decodedPart);
  if (!head) {
    return null;
  }
  const claims = `${head} ${body}`.toLowerCase();
  return file.quix_marks.some(mark => claims.includes(mark)) ? 'jwt' : 'jwt_generic';
}

/** The JSON object in a part of a JWT; null if there is none. */
function decodedPart(part: string): string | null {
  try {
    const bytes = Uint8Array.from(atob(part.replace(/-/g, '+').replace(/_/g, '/')), letter => letter.charCodeAt(0));
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? text : null;
  } catch {
    return null; // not base64, not UTF-8 or not JSON: no part of a JWT
  }
}
