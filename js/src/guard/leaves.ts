/** The texts in an output, and the output without tokens in them. */

import type { PartialJSONValue } from '@lumino/coreutils';

import { redact } from '../detect/redact';

/** Base64: no token is to be seen in it, and looking for one takes long. */
const BINARY = /^(?:image\/(?!svg\+xml)|audio\/|video\/|application\/(?:pdf|octet-stream))/;

function isBinary(name: string): boolean {
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

/** A part of an output without tokens; the same as `quixnb/server/documents.py` makes of it. */
export function redacted(value: PartialJSONValue | undefined): PartialJSONValue | undefined {
  if (typeof value === 'string') {
    return redact(value);
  }
  if (Array.isArray(value)) {
    return isLines(value) ? redactedLines(value) : value.map(each => redacted(each) ?? null);
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value);
    return Object.fromEntries(entries.map(([name, each]) => [redact(name), isBinary(name) ? each : redacted(each)]));
  }
  return value;
}

function redactedLines(lines: readonly string[]): string[] {
  const joined = lines.join('');
  const text = redact(joined);
  return text === joined ? [...lines] : text.split(/(?<=\n)/);
}

/** Whether a list stands for one text, as notebooks have it; each line but the last ends with its break. */
function isLines(value: readonly unknown[]): value is readonly string[] {
  return value.every((each, at) => typeof each === 'string' && (at === value.length - 1 || each.endsWith('\n')));
}
