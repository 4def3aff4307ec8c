/** How a token is rotated and by whom, as a dialog; docs/rotation.md has more. */

import { Dialog, showDialog } from '@jupyterlab/apputils';
import { Widget } from '@lumino/widgets';

import type { Kind } from '../findings';
import { element, listOf } from './elements';

const PAGE = 'Settings > APIs and tokens';

/** What an Admin needs to know: never the token. */
const MESSAGE =
  'A Quix streaming token of our environment stood in plain text in a notebook. Please look in ' +
  `${PAGE} whether it is Token 1 or Token 2, and rotate: once for Token 1; for Token 2 twice, since the first ` +
  'rotation only makes it Token 1. What runs with it has to get a current token before.';

/** Show who rotates what where; copies the text for an Admin on request. */
export async function showHowToRotate(kind: Kind = 'sdk'): Promise<void> {
  const copy = Dialog.createButton({ label: 'Copy the text for an Admin', actions: ['copy'], accept: false });
  const buttons = kind === 'sdk' ? [copy, Dialog.okButton({ label: 'Close' })] : [Dialog.okButton({ label: 'Close' })];
  const { button } = await showDialog({ title: 'How to rotate', body: new HowTo(kind), buttons, defaultButton: buttons.length - 1 });
  if (button.actions.includes('copy')) {
    await navigator.clipboard.writeText(MESSAGE);
  }
}

class HowTo extends Widget {
  constructor(kind: Kind) {
    super();
    this.addClass('qnb-HowTo');
    const steps = kind === 'sdk' ? ofStreamingToken() : ofPersonalToken();
    this.node.append(
      element('p', 'Taking a token out of a notebook does not make it safe: copies of it may be anywhere. Only this ends it:'),
      listOf('ol', steps)
    );
    if (kind === 'sdk') {
      this.node.append(element('p', 'Not an Admin? Send one this text, without the token:'), element('blockquote', MESSAGE));
    }
  }
}

function ofStreamingToken(): string[] {
  return [
    `An Admin of the environment opens ${PAGE} in Quix and finds which of the two tokens it is.`,
    'Whatever runs with Token 1 gets Token 2, and is restarted.',
    'Rotate: Token 1 ends, Token 2 becomes Token 1, and there is a new Token 2. If it was Token 2 that got out, do both steps again.',
    'Make sure that the old token is refused. %quix_rotate goes through all of it with you.'
  ];
}

function ofPersonalToken(): string[] {
  return [
    `Its owner opens ${PAGE} in Quix and makes a new token, with no more rights than needed and an end date.`,
    'Whatever uses the old one gets the new one.',
    'The owner revokes the old token, and makes sure that it is refused.'
  ];
}
