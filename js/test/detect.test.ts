import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { noiseFrom } from '../src/detect/patterns';
import { BEGINS_ESCAPE_OR_NOISE } from '../src/detect/pieces';
import { redact, REPLACEMENT } from '../src/detect/redact';
import { findTokens, lineAt, spansToHide } from '../src/detect/search';
import { fakeJwt, fakeToken, filled, MARKER } from './fakes';

interface Vector {
  readonly name: string;
  readonly text: string;
  readonly finds: readonly [string, number, number][];
}

const { vectors } = JSON.parse(readFileSync('../tests/vectors/tokens.json', 'utf8')) as { vectors: Vector[] };

/** Kind, line and column, both from 1, the column in code points. */
function placed(text: string): [string, number, number][] {
  return findTokens(text).map(({ kind, start }) => {
    const before = text.slice(text.lastIndexOf('\n', start - 1) + 1, start);
    return [kind, lineAt(text, start), start === 0 ? 1 : [...before].length + 1];
  });
}

describe('the vectors that Python reads too', () => {
  it.each(vectors)('$name', ({ text, finds }) => {
    expect(placed(filled(text))).toEqual(finds);
  });

  it.each(vectors)('$name: nothing is left to find behind redact', ({ text }) => {
    const result = redact(filled(text));

    expect(spansToHide(result)).toEqual([]);
    expect(findTokens(result)).toEqual([]);
  });
});

describe('redact', () => {
  it('writes what Python writes', () => {
    expect(readFileSync('../quixnb/redact.py', 'utf8')).toContain(`REPLACEMENT = "${REPLACEMENT}"`);
  });

  it('changes nothing but the tokens', () => {
    expect(redact(`a=${fakeToken()}&b=${fakeToken('pat')}, é🔑`)).toBe(`a=${REPLACEMENT}&b=${REPLACEMENT}, é🔑`);
    expect(redact('nothing to see')).toBe('nothing to see');
  });

  it('heeds no comment and no doubt', () => {
    expect(redact(`${fakeToken()}  # quixnb: not-a-token`)).not.toContain(MARKER);
    expect(redact(filled('{jwt_broken}'))).toBe(REPLACEMENT);
  });
});

describe('findTokens', () => {
  it.each(['sdk', 'pat'])('gives a %s token start and end', kind => {
    const token = fakeToken(kind);
    const text = `é🔑 = '${token}' # end`;

    const [found] = findTokens(text);

    expect(found && text.slice(found.start, found.end)).toBe(token);
  });

  it('says nothing of the token', () => {
    expect(JSON.stringify(findTokens(fakeToken()))).not.toContain(MARKER);
  });

  it.each([1, 2, 3, 4, 5, 20, 35])('sees through a gap behind %i characters', at => {
    for (const gap of ['\u001b[31m', '<b>', "' '", '" + "', '\\\n', "'\n    '"]) {
      const token = fakeToken();
      const text = `t = '${token.slice(0, at)}${gap}${token.slice(at)}'\nimport os`;

      expect(findTokens(text)).toEqual([{ kind: 'sdk', start: 5, end: 5 + token.length + gap.length, isDoubtful: false }]);
    }
  });
});

it('noise begins only as the quick look for it takes into account', () => {
  const rests = ['\u001b[0m', '<b>', "''", '\n', '\r\n', '\\u200b', '&shy;', '\\n', 'a', '>', ']x\u0007'];
  for (let code = 0; code < 0x2600; code++) {
    const letter = String.fromCharCode(code);
    for (const rest of rests) {
      expect(noiseFrom(letter + rest, 0) === 0 || BEGINS_ESCAPE_OR_NOISE.test(letter)).toBe(true);
    }
  }
});

/** Milliseconds of the processor that the quickest of five runs takes: other work on the machine does not count. */
function cost(text: string): number {
  const times = Array.from({ length: 5 }, () => {
    const begin = process.cpuUsage();
    spansToHide(text);
    return process.cpuUsage(begin).user / 1000;
  });
  return Math.min(...times);
}

const head = fakeJwt({ sub: 'x' }).split('.')[0] ?? '';
const adversarial: Record<string, string> = {
  dashes: '-',
  'prefixes without digits': 'sdk-',
  'prefixes with 31 digits': `sdk-${'0f'.repeat(15)}0 `,
  'one long word': 'a',
  'digits alone': '0f',
  'the beginning of JWTs': 'eyJ',
  'parts of JWTs': `${head}.`,
  'escaped beginnings of JWTs': '\\neyJ0',
  backslashes: '\\',
  'escaped dashes': '\\x2d',
  'dashes and line breaks': '-\n',
  'line breaks': '\n',
  'blanks behind a dash': `sdk-${' '.repeat(300)}`,
  'open tags': '-<a',
  'quotes and dashes': '-"#',
  'open colours': '-\u001b[',
  'gaps between literals': 'sdk-0"  "',
  'HTML escapes': '&#45;',
  'percent escapes': '%2D',
  // Each holds a dash inside what is noise for the dash before it.
  'dashes in tags behind quotes': '<a-">',
  'dashes at the end of tags': '<b-\n>',
  'dashes in comments': '"#-\n',
  'dots in tags': '<a.">'
};

describe('time is linear in the length of', () => {
  it.each(Object.entries(adversarial))('%s', (_, piece) => {
    const small = piece.repeat(Math.ceil(30_000 / piece.length));
    const large = piece.repeat(Math.ceil(300_000 / piece.length));
    cost(small); // compiled

    // Ten times the text in about ten times the time; a quadratic search would take a hundred times.
    expect(cost(large)).toBeLessThan(40 * Math.max(cost(small), 1));
  });
});
