/** What the guard says: kind and place of a token, never a character of it. */

import type { Kind } from '../findings';

const NAMES: Readonly<Record<Kind, string>> = {
  sdk: 'Quix streaming token',
  pat: 'Quix personal access token',
  jwt: 'Quix token (a JWT)',
  jwt_generic: 'Token (a JWT)'
};

const OPENS: Readonly<Record<Kind, string>> = {
  sdk: 'Whoever has it can read and write all topics of its environment. It does not expire.',
  pat: 'Whoever has it can do in Quix what its owner may do.',
  jwt: 'Whoever has it can do in Quix what its owner may do, until it expires.',
  jwt_generic: 'It may be a Quix token of the old kind, or one of another service.'
};

export function kindName(kind: Kind): string {
  return NAMES[kind];
}

/** What a token of this kind gives away. */
export function opens(kind: Kind): string {
  return OPENS[kind];
}

/** `1 token`, `2 tokens`. */
export function counted(count: number, noun = 'token'): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
