/** The field that a token is pasted into: hidden, kept by no browser, and empty as soon as it is sent. */

import { canSeal, seal } from '../seal';
import { button, make, setAttribute, submitOnEnter, uniqueId } from './dom';
import type { Send } from './messages';

export class Paste {
  readonly element: HTMLElement;
  private readonly field: HTMLInputElement;
  private readonly form: HTMLFormElement;
  private readonly question: HTMLElement;
  private readonly warning = makeWarning();
  /** What was pasted where nothing can be sealed, until the person has said what to do with it. */
  private waiting = '';

  constructor(
    private readonly send: Send,
    private readonly key: () => string
  ) {
    const id = uniqueId();
    this.field = make('input', {
      id,
      type: 'password',
      class: 'qnb-field',
      placeholder: 'sdk-…',
      // No password manager is to offer, fill or keep it; each has a word of its own for that.
      autocomplete: 'new-password',
      autocapitalize: 'off',
      autocorrect: 'off',
      spellcheck: 'false',
      'data-1p-ignore': true,
      'data-lpignore': 'true',
      'data-bwignore': true,
      'data-form-type': 'other',
      'aria-describedby': `${id}-help`
    });
    this.form = make(
      'form',
      { class: 'qnb-paste', autocomplete: 'off' },
      make('label', { for: id }, 'Token'),
      make(
        'div',
        { class: 'qnb-row' },
        make('div', { class: 'qnb-secret' }, this.field, this.reveal()),
        make('button', { type: 'submit', class: 'qnb-button qnb-main' }, 'Connect')
      ),
      make(
        'p',
        { id: `${id}-help`, class: 'qnb-note' },
        'Quix has it under Settings > APIs and tokens. It stays in this kernel’s memory, never in the notebook.'
      )
    );
    submitOnEnter(this.form, () => this.submit());
    this.question = this.makeQuestion();
    this.warning.hidden = canSeal();
    this.element = make('div', {}, this.warning, this.form, this.question);
  }

  focus(): void {
    this.field.focus();
  }

  private submit(): void {
    const text = this.field.value.trim();
    this.field.value = '';
    this.hide();
    if (text === '') {
      this.focus();
    } else if (canSeal()) {
      void seal(text, this.key()).then(sealed => this.send({ type: 'token', sealed }));
    } else {
      this.waiting = text;
      this.ask(true);
    }
  }

  private answer(sends: boolean): void {
    const plain = this.waiting;
    this.waiting = '';
    this.ask(false);
    if (sends) {
      this.send({ type: 'token', plain });
    }
    this.focus();
  }

  private ask(asks: boolean): void {
    this.question.hidden = !asks;
    this.warning.hidden = this.form.hidden = asks;
    if (asks) {
      this.question.querySelector('button')?.focus();
    }
  }

  private makeQuestion(): HTMLElement {
    const question = make(
      'div',
      { class: 'qnb-notice qnb-warn', role: 'alert' },
      make('p', {}, make('strong', {}, 'Send the token without encryption?')),
      make('p', {}, 'Whoever can read this connection, or the kernel’s log at level DEBUG, can read it.'),
      make(
        'div',
        { class: 'qnb-row' },
        button('Do not send', '', () => this.answer(false)),
        button('Send it as it is', '', () => this.answer(true))
      )
    );
    question.hidden = true;
    return question;
  }

  /** Shows the field's text for as long as it is held, with the pointer or a key. */
  private reveal(): HTMLButtonElement {
    const eye = make('button', { type: 'button', class: 'qnb-eye', title: 'Hold to show', 'aria-pressed': 'false' });
    eye.setAttribute('aria-label', 'Show the token while held');
    eye.append(eyeIcon());
    const show = (): void => this.showText(eye, true);
    const hide = (): void => this.showText(eye, false);
    eye.addEventListener('pointerdown', show);
    ['pointerup', 'pointerleave', 'pointercancel', 'blur', 'keyup'].forEach(name => eye.addEventListener(name, hide));
    eye.addEventListener('keydown', event => {
      if (event.key === ' ' || event.key === 'Enter') {
        event.preventDefault();
        show();
      }
    });
    return eye;
  }

  private showText(eye: HTMLElement, shows: boolean): void {
    this.field.type = shows ? 'text' : 'password';
    setAttribute(eye, 'aria-pressed', shows ? 'true' : 'false');
  }

  private hide(): void {
    this.field.type = 'password';
  }
}

function makeWarning(): HTMLElement {
  return make(
    'div',
    { class: 'qnb-notice qnb-warn' },
    make('p', {}, make('strong', {}, 'This page cannot encrypt.')),
    make(
      'p',
      {},
      'Browsers do so on https and on localhost only. A token that is pasted here would travel to the kernel in plain ' +
        'text; you will be asked first. A source below is read by the kernel itself and does not travel.'
    )
  );
}

function eyeIcon(): SVGElement {
  const icon = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  icon.setAttribute('viewBox', '0 0 16 16');
  icon.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  const iris = 'M10.2 8a2.2 2.2 0 1 1-4.4 0 2.2 2.2 0 0 1 4.4 0z';
  path.setAttribute('d', `M1 8c1.7-3 4.2-4.5 7-4.5S13.3 5 15 8c-1.7 3-4.2 4.5-7 4.5S2.7 11 1 8z${iris}`);
  icon.append(path);
  return icon;
}
