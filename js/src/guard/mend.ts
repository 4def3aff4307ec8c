/** What the guard's buttons do, and what they say of it. */

import { Dialog, Notification, showDialog } from '@jupyterlab/apputils';
import { isCodeCellModel } from '@jupyterlab/cells';
import type { CodeEditor } from '@jupyterlab/codeeditor';

import { REPLACEMENT } from '../detect/redact';
import { findTokens } from '../detect/search';
import type { ILinks } from '../link';
import { moveToKernel, NotMoved, redactOutput, replaceByPlaceholder, saveMended } from './fixes';
import { keyOf } from './keys';
import type { Place, Trackers } from './places';
import { placeOf } from './places';
import { showHowToRotate } from './rotation';
import type { Found, Watch } from './watch';
import { counted } from './words';

/** What was done with the tokens of a document. */
interface Mended {
  readonly moved: number;
  readonly replaced: number;
}

/** Takes tokens out of what is open in the application. */
export class Mender {
  constructor(
    private readonly _trackers: Trackers,
    private readonly _links: ILinks | null
  ) {}

  placeOf(model: CodeEditor.IModel): Place {
    return placeOf(model, this._trackers);
  }

  /** Whether the place's kernel can keep tokens, perhaps after it has loaded quixnb. */
  canMove(place: Place): boolean {
    return place.kernel !== null && this._links !== null && this._links.loaded(place.kernel) !== 'never';
  }

  /** Whether the place's kernel has quixnb loaded. */
  hasLink({ kernel }: Place): boolean {
    return Boolean(this._links?.to(kernel));
  }

  /** Take one finding out; the document is saved. */
  async fix(found: Found): Promise<void> {
    const { model, widget } = found.subject;
    const place = this.placeOf(model);
    if (found.output !== null && widget !== null && isCodeCellModel(widget.model)) {
      redactOutput(widget.model.outputs, found.output);
      await saveMended(place.context);
    } else if (this.canMove(place)) {
      await this.move(place, found.key);
    } else {
      await this.replace(place, found.key);
    }
  }

  /** Move the tokens of a place to its kernel, and say how that went. */
  async move(place: Place, key: number): Promise<void> {
    try {
      await moveToKernel(place, this._links);
    } catch (error) {
      if (!(error instanceof NotMoved)) {
        throw error;
      }
      const { button } = await showDialog({
        title: 'The token was not moved',
        body: error.message,
        buttons: [Dialog.cancelButton({ label: 'Close' }), Dialog.okButton({ label: 'Replace by a placeholder' })],
        defaultButton: 0
      });
      if (button.accept) {
        await this.replace(place, key);
      }
      return;
    }
    const isLeft = keysIn(place).includes(key);
    const message = isLeft
      ? 'The kernel keeps what it could take. A token is left where no code can stand in its place.'
      : 'The token is in the kernel now, and no longer in the text. If the text was saved or shared before, rotate the token.';
    Notification.emit(message, isLeft ? 'warning' : 'success', {
      autoClose: isLeft ? false : 8000,
      actions: [{ label: 'How to rotate', callback: () => void showHowToRotate() }]
    });
    await saveMended(place.context);
  }

  /** Put a placeholder where a token stands in a place. */
  async replace(place: Place, key: number): Promise<void> {
    replaceByPlaceholder(place.shared, key);
    await saveMended(place.context);
  }

  /** Take all tokens out of a document: into an idle kernel that has quixnb, else by placeholders. Saves nothing. */
  async fixAll(watch: Watch): Promise<Mended> {
    watch.look();
    const models = watch.findings.filter(each => !each.isOutput).map(({ subject }) => subject.model);
    const places = [...new Set(models)].map(model => this.placeOf(model));
    // Asked beforehand: a kernel that has just answered is not said to be idle yet.
    const ready = places.filter(place => this.hasLink(place) && place.kernel?.status === 'idle');
    let moved = 0;
    for (const place of ready) {
      const before = keysIn(place).length;
      await moveToKernel(place, this._links).catch(() => undefined); // then the placeholder takes its place
      moved += before - keysIn(place).length;
    }
    watch.look();
    const left = watch.findings;
    for (const { subject, output, key } of left) {
      if (output === null) {
        replaceByPlaceholder(subject.model.sharedModel, key);
      } else if (subject.widget !== null && isCodeCellModel(subject.widget.model)) {
        redactOutput(subject.widget.model.outputs, output);
      }
    }
    watch.look();
    return { moved, replaced: left.length };
  }
}

/** What was done, in a sentence. */
export function described({ moved, replaced }: Mended): string {
  const parts = [
    moved > 0 ? `${counted(moved)} moved to the kernel` : '',
    replaced > 0 ? `${moved > 0 ? replaced : counted(replaced)} replaced by ${REPLACEMENT}` : ''
  ];
  return `${parts.filter(Boolean).join(', ')}.`;
}

function keysIn({ shared }: Place): number[] {
  const source = shared.getSource();
  return findTokens(source).map(({ start, end }) => keyOf(source.slice(start, end)));
}
