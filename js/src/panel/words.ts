/** What status bar and panel say, and the cells that they write. */

import type { TranslationBundle } from '@jupyterlab/translation';

import type { PlacedFinding } from '../findings';
import type { KernelState, Loaded, Topic } from '../link';

export interface Status {
  /** Of the connection, and of the findings; either may be empty. */
  readonly connection: string;
  readonly found: string;
  /** What a longer look says. */
  readonly title: string;
  readonly mood: Mood;
}

/** How it looks: `wary` where tokens stand in plain text, `bad` where the connection does not work. */
export type Mood = 'good' | 'wary' | 'bad' | 'quiet';

export function moodOf(state: KernelState | null): Mood {
  return ({ connected: 'good', problem: 'bad', none: 'quiet' } as const)[state?.health ?? 'none'];
}

/** What the status bar says; null where there is nothing to say. */
export function statusOf(
  loaded: Loaded,
  state: KernelState | null,
  findings: number,
  trans: TranslationBundle
): Status | null {
  const found = findings > 0 ? trans._n('%1 token in plain text', '%1 tokens in plain text', findings) : '';
  const [said, title] = connection(loaded, state, trans);
  if (!said && !found) {
    return null;
  }
  const mood = moodOf(state);
  return {
    connection: said,
    found,
    title: [title, found && trans.__('%1 in this document.', found)].filter(Boolean).join('\n'),
    mood: findings > 0 && mood !== 'bad' ? 'wary' : mood
  };
}

function connection(loaded: Loaded, state: KernelState | null, trans: TranslationBundle): [string, string] {
  if (loaded === 'never') {
    return ['', ''];
  }
  if (loaded === 'no') {
    return [trans.__('Quix: not loaded'), trans.__('quixnb is not loaded in this kernel.')];
  }
  if (state === null) {
    return [trans.__('Quix'), trans.__('The kernel has not answered yet.')];
  }
  const { health, environment, token, problem } = state;
  if (health === 'none') {
    return [trans.__('Quix: not connected'), problem || trans.__('quixnb is loaded, and has no token yet.')];
  }
  const name = environment ?? '';
  return health === 'problem'
    ? [trans.__('%1: problem', name), problem]
    : [name, trans.__('Connected to %1 by the %2.', name, token ?? '')];
}

/** Where a finding is: `Cell 3, line 2`. */
export function placeOf({ cell, line, isOutput }: PlacedFinding, trans: TranslationBundle): string {
  if (cell === null) {
    return trans.__('Line %1', line);
  }
  return isOutput
    ? trans.__('Output of cell %1, line %2', cell + 1, line)
    : trans.__('Cell %1, line %2', cell + 1, line);
}

/** `4 partitions, keeps 7 d`. */
export function factsOf({ partitions, retention, status }: Topic, trans: TranslationBundle): string {
  return [
    partitions === null ? '' : trans._n('%1 partition', '%1 partitions', partitions),
    retention && trans.__('keeps %1', retention),
    status === 'Ready' ? '' : status
  ]
    .filter(Boolean)
    .join(', ');
}

/** Those of `topics` whose name has the words of `query` in it, in any case, or whose ID it is. */
export function matching(topics: readonly Topic[], query: string): readonly Topic[] {
  // All IDs have the environment in them: their parts tell no topic from another.
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return topics.filter(({ name, id }) => id === query.trim() || words.every(word => name.toLowerCase().includes(word)));
}

/** A time as people say it: without the date where that is today's. */
export function timeOf(iso: string, now: Date): string {
  const time = new Date(iso);
  const clock = time.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', second: '2-digit' });
  return time.toDateString() === now.toDateString() ? clock : `${time.toLocaleDateString()} ${clock}`;
}

/** A word as a magic's line takes it, which is a shell's way; as `shlex.quote` of Python. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replace(/'/g, `'"'"'`)}'`;
}

/** A cell's source, and what of it to select. */
export interface Written {
  readonly source: string;
  readonly selected?: readonly [number, number];
}

/** The cell that publishes a frame: the one that the cell at hand speaks of last, else `df`, else the newest. */
export function publishCell(topic: string, frames: readonly string[], atHand: string): Written {
  const head = `%%quix_publish ${quoted(topic)}\n`;
  const words = atHand.split(/[^\p{L}\p{N}_]+/u).reverse();
  const spoken = words.find(word => frames.includes(word));
  const frame = spoken ?? (frames.includes('df') ? 'df' : frames[frames.length - 1]) ?? 'df';
  return { source: head + frame, selected: [head.length, head.length + frame.length] };
}

export function readCell(topic: string): Written {
  return { source: `%quix_read ${quoted(topic)} --last 100` };
}

export function tailCell(topic: string): Written {
  return { source: `%quix_tail ${quoted(topic)}` };
}
