/** The texts in an output. */

import type { PartialJSONValue } from '@lumino/coreutils';

/** Base64: no token is to be seen in it, and looking for one takes long. */
const BINARY = /^(?:image\/(?!svg\+xml)|audio\/|video\/|application\/(?:pdf|octet-stream))/;

export function isBinary(name: string): boolean {
  return BINARY.test(name);
}

/** All texts in a value, names of its parts included, binary parts aside. */
export function* leavesOf(value: PartialJSONValue | undefined): Generator<string> {
  if (typeof value === 'string') {
    yield value;
  } else if (Array.isArray(value)) {
    if (isLines(value)) {
      yield value.join('');
      return;
    }
    for (const each of value) {
      yield* leavesOf(each);
    }
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, each] of Object.entries(value)) {
      yield name;
      if (!isBinary(name)) {
        yield* leavesOf(each);
      }
    }
  }
}

/** Whether a list stands for one text, as notebooks have it; each line but the last ends with its break. */
export function isLines(value: readonly unknown[]): value is readonly string[] {
  return value.every((each, at) => typeof each === 'string' && (at === value.length - 1 || each.endsWith('\n')));
}
