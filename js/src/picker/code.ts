/** The one line that publishes to the chosen topic, and a button that copies it. */

import { button, make, setText } from './dom';
import type { State } from './messages';

const SAYS_SO_MS = 2000;

export class Code {
  readonly element: HTMLElement;
  private readonly line = make('code');
  private readonly copy: HTMLButtonElement;
  private timer = 0;

  constructor(private readonly say: (text: string) => void) {
    this.copy = button('Copy', '', () => void this.copyLine());
    const box = make('div', { class: 'qnb-code' }, make('pre', {}, this.line), this.copy);
    this.element = make('section', {}, make('h4', {}, 'Publish a frame called df'), box);
    this.element.hidden = true;
  }

  show(state: State): void {
    this.element.hidden = state.code === '';
    if (this.line.textContent !== state.code) {
      setText(this.line, state.code);
      setText(this.copy, 'Copy');
    }
  }

  private async copyLine(): Promise<void> {
    const done = await copied(this.line.textContent ?? '');
    if (!done) {
      window.getSelection()?.selectAllChildren(this.line);
    }
    setText(this.copy, done ? 'Copied' : 'Press Ctrl+C');
    this.say(done ? 'The line is copied.' : 'The line is selected; press Ctrl+C.');
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => setText(this.copy, 'Copy'), SAYS_SO_MS);
  }
}

/** Whether the text is in the clipboard now: by the API, which pages without https lack, or the old way. */
async function copied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const before = document.activeElement;
    const field = make('textarea', { class: 'qnb-unseen', readonly: true, 'aria-hidden': 'true' });
    field.value = text;
    document.body.append(field);
    field.select();
    const done = document.execCommand('copy');
    field.remove();
    if (before instanceof HTMLElement) {
      before.focus();
    }
    return done;
  }
}
