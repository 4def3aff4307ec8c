/** Fake tokens: generated, and recognisable, so that no file holds one. */

import { randomBytes, randomUUID } from 'node:crypto';

// Spelled in two halves, as in tests/fakes.py.
export const MARKER = '5eed' + 'c0ffee';

export function digits(count: number): string {
  return MARKER + randomBytes(40).toString('hex').slice(0, count - MARKER.length);
}

export function fakeToken(kind = 'sdk'): string {
  return `${kind}-${digits(32)}`;
}

export function fakeJwt(payload: object): string {
  const parts = [{ alg: 'RS256', typ: 'JWT' }, payload].map(part => Buffer.from(JSON.stringify(part)).toString('base64url'));
  return `${parts.join('.')}.${MARKER}${randomBytes(24).toString('base64url')}`;
}

/** A vector's text with fake values in place of its placeholders, fresh each time. */
export function filled(template: string): string {
  const hex32 = digits(32);
  const values: Record<string, string> = {
    hex12: digits(12),
    hex16: digits(16),
    hex31: digits(31),
    hex32,
    hex33: digits(33),
    hex40: digits(40),
    HEX32: hex32.toUpperCase(),
    first16: hex32.slice(0, 16),
    last16: hex32.slice(16),
    uuid: randomUUID(),
    jwt_quix: fakeJwt({ iss: 'https://auth.quix.ai/', sub: 'someone' }),
    jwt_other: fakeJwt({ iss: 'https://example.org/', sub: 'someone' }),
    jwt_broken: 'eyJub3QganNvbiBhdCBhbGw.eyJub3QganNvbiBhdCBhbGw.' + randomBytes(18).toString('base64url')
  };
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}
