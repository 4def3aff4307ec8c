/** Takes tokens out of texts and outputs. What is taken out, undo does not bring back. */

import type { ISharedText } from '@jupyter/ydoc';
import type { IOutput } from '@jupyterlab/nbformat';
import type { IOutputAreaModel } from '@jupyterlab/outputarea';
import type { Kernel } from '@jupyterlab/services';
import type { PartialJSONValue } from '@lumino/coreutils';

import { REPLACEMENT } from '../detect/redact';
import { findTokens } from '../detect/search';
import type { ILinks, Link } from '../link';
import { keyOf } from './keys';
import { redacted } from './leaves';
import type { Context, Place } from './places';

const MOST_TRIES = 5;
const LINK_WAIT_MS = 15_000;

/** The kernel kept no token; its message is a sentence for people. */
export class NotMoved extends Error {}

/** Move the tokens of a place to its kernel, which keeps them by name; loads quixnb there if need be.
 *
 * @throws NotMoved, if the kernel cannot, or if no code can stand where a token stands.
 */
export async function moveToKernel({ shared, kernel }: Place, links: ILinks | null): Promise<void> {
  if (links === null || kernel === null) {
    throw new NotMoved('There is no kernel that could keep the token.');
  }
  const link = links.to(kernel) ?? (await loaded(kernel, links));
  // The text may change while the kernel works; the kernel gives the same token the same name again.
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const before = shared.getSource();
    const after = await link.moveTokens(before).catch(passOn('The kernel did not take the token.'));
    if (shared.getSource() === before) {
      replaceForGood(shared, before, after);
      return;
    }
  }
  throw new NotMoved('The cell kept changing. Try again when nobody types in it.');
}

/** Put a placeholder where a token stands; the text is looked through again, since it may have moved. */
export function replaceByPlaceholder(shared: ISharedText, key: number): void {
  const source = shared.getSource();
  const span = findTokens(source).find(({ start, end }) => keyOf(source.slice(start, end)) === key);
  if (span) {
    replaceForGood(shared, source, source.slice(0, span.start) + REPLACEMENT + source.slice(span.end));
  }
}

/** Put placeholders where tokens stand in an output. */
export function redactOutput(outputs: IOutputAreaModel, index: number): void {
  outputs.set(index, redacted(outputs.get(index).toJSON() as PartialJSONValue) as IOutput);
}

/** Save a document, and make its checkpoint anew: the old one may hold what was just taken out. */
export async function saveMended(context: Context | null): Promise<void> {
  if (!context?.contentsModel?.writable) {
    return;
  }
  try {
    await context.save();
    await context.createCheckpoint();
  } catch {
    // JupyterLab has said so; the document stays marked as changed.
  }
}

/** What to do with an error of a link, whose message is for people. */
function passOn(otherwise: string): (error: unknown) => never {
  return error => {
    throw new NotMoved(error instanceof Error ? error.message : otherwise);
  };
}

/** The link to a kernel that is only now told to load quixnb. */
async function loaded(kernel: Kernel.IKernelConnection, links: ILinks): Promise<Link> {
  await links.load(kernel).catch(passOn('The kernel did not load quixnb.'));
  return new Promise((resolve, reject) => {
    const look = (): void => {
      const link = links.to(kernel);
      if (link) {
        finish();
        resolve(link);
      }
    };
    const timer = window.setTimeout(() => {
      finish();
      reject(new NotMoved('quixnb was loaded in the kernel, and does not answer.'));
    }, LINK_WAIT_MS);
    const finish = (): void => {
      window.clearTimeout(timer);
      links.changed.disconnect(look);
    };
    links.changed.connect(look);
    look();
  });
}

/** Change only what differs, so that cursors stay, and outside of the history of undo. */
function replaceForGood(shared: ISharedText, before: string, after: string): void {
  let start = 0;
  while (start < Math.min(before.length, after.length) && before[start] === after[start]) {
    start++;
  }
  let end = 0;
  while (end < Math.min(before.length, after.length) - start && before.at(-1 - end) === after.at(-1 - end)) {
    end++;
  }
  if (before !== after) {
    const insert = after.slice(start, after.length - end);
    shared.transact(() => shared.updateSource(start, before.length - end, insert), false);
  }
}
