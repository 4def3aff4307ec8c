/** What goes over the line; `quixnb/lab/` is its other end. */

import type { JSONObject, JSONValue } from '@lumino/coreutils';

import type { KernelState } from '../link';

/** The name by which the kernel's comm is found. */
export const TARGET = 'quixnb';

export interface Welcome {
  readonly version: string;
  /** What tokens are sealed to. */
  readonly key: string;
  readonly state: KernelState;
}

/** Lines `from` to `to` (not included) of a source, from 0, and what stands in their place. */
export interface Edit {
  readonly from: number;
  readonly to: number;
  readonly lines: readonly string[];
}

export type Ask = 'hello' | 'check' | 'topics' | 'frames' | 'moveTokens';

/** A message of the kernel's. */
export type Incoming =
  | { readonly kind: 'state'; readonly state: KernelState }
  | { readonly kind: 'answer'; readonly id: string; readonly answer: JSONValue }
  | { readonly kind: 'problem'; readonly id: string; readonly problem: string };

/** What a message is; null for one of another version's. */
export function understood(data: JSONObject): Incoming | null {
  if (isObject(data.state)) {
    return { kind: 'state', state: data.state as unknown as KernelState };
  }
  if (typeof data.id !== 'string') {
    return null;
  }
  if (typeof data.problem === 'string') {
    return { kind: 'problem', id: data.id, problem: data.problem };
  }
  return data.answer === undefined ? null : { kind: 'answer', id: data.id, answer: data.answer };
}

/** `source` with the edits made. */
export function edited(source: string, edits: readonly Edit[]): string {
  const lines = source.split('\n');
  for (const { from, to, lines: instead } of [...edits].reverse()) {
    lines.splice(from, to - from, ...instead);
  }
  return lines.join('\n');
}

function isObject(value: JSONValue | undefined): value is JSONObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
