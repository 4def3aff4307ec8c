/** What went wrong, why, and what to do next; in the kernel's words. */

import { button, make, setText } from './dom';
import type { Send, State } from './messages';

const AGAIN = new Set(['unreachable', 'other']);

export class Notice {
  // The box that is announced is always there: one that appears together with its text is not, in some readers.
  readonly element = make('div', { role: 'alert', class: 'qnb-alert' });
  private readonly box = make('div', { class: 'qnb-notice qnb-bad' });
  private readonly what = make('strong');
  private readonly cause = make('p');
  private readonly fix = make('p');
  private readonly again: HTMLButtonElement;

  constructor(send: Send) {
    this.again = button('Try again', '', () => send({ type: 'again' }));
    this.box.append(make('p', {}, this.what), this.cause, this.fix, this.again);
    this.box.hidden = true;
    this.element.append(this.box);
  }

  show(state: State): void {
    const problem = state.problem;
    this.box.hidden = problem === null;
    setText(this.what, problem?.what ?? '');
    setText(this.cause, problem?.cause ?? '');
    setText(this.fix, problem?.fix ?? '');
    this.cause.hidden = !problem?.cause;
    this.fix.hidden = !problem?.fix;
    this.again.hidden = !problem || !AGAIN.has(problem.kind);
  }
}
