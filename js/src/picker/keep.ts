/** For how long the choice is remembered: this kernel unless something else is asked for. */

import { make, setAttribute, setText, submitOnEnter, uniqueId } from './dom';
import type { Send, State } from './messages';
import { profileName } from './words';

type How = 'kernel' | 'once' | 'profile';
type Store = 'keyring' | 'file';

export class Keep {
  readonly element: HTMLDetailsElement;
  private readonly summary = make('span');
  private readonly hows: Record<How, Radio>;
  private readonly stores: Record<Store, Radio>;
  private readonly form: HTMLFormElement;
  private readonly name: HTMLInputElement;
  private readonly where: HTMLElement;
  private readonly place = make('p', { class: 'qnb-note' });
  private readonly problem = make('div', { class: 'qnb-error', role: 'alert' });
  private readonly save = make('button', { type: 'submit', class: 'qnb-button qnb-main' }, 'Save');
  private needsStore = false;
  private environment = '';

  constructor(private readonly send: Send) {
    const id = uniqueId();
    this.hows = {
      kernel: radio(`${id}-how`, 'In this kernel', ', until it ends; quixnb.connect() takes it again'),
      once: radio(`${id}-how`, 'For this connection only', '; the next one asks again'),
      profile: radio(`${id}-how`, 'As a profile', ', for %quix_use in other notebooks too')
    };
    this.stores = {
      keyring: radio(`${id}-store`, 'In the keyring of this machine’s operating system', ''),
      file: radio(`${id}-store`, 'In a file that only you can read', ', in plain text')
    };
    this.stores.keyring.input.checked = true;
    this.name = make('input', {
      id: `${id}-name`,
      type: 'text',
      class: 'qnb-field',
      autocomplete: 'off',
      autocapitalize: 'off',
      spellcheck: 'false',
      placeholder: 'dev'
    });
    this.where = make(
      'fieldset',
      {},
      make('legend', {}, 'Keep the token'),
      this.stores.keyring.element,
      this.stores.file.element
    );
    const row = make('div', { class: 'qnb-row' }, this.name, this.save);
    const label = make('label', { for: `${id}-name` }, 'Name of the profile');
    this.form = make('form', { class: 'qnb-profile', autocomplete: 'off' }, label, row, this.where, this.place, this.problem);
    submitOnEnter(this.form, () => this.submit());
    const fieldset = make('fieldset', {}, make('legend', { class: 'qnb-unseen' }, 'Remember the choice'));
    for (const [how, { element, input }] of Object.entries(this.hows)) {
      fieldset.append(element);
      input.addEventListener('change', () => this.pick(how as How));
    }
    this.element = make('details', { class: 'qnb-keep' }, make('summary', {}, this.summary), fieldset, this.form);
    this.form.hidden = true;
  }

  show(state: State): void {
    const { kept, connection } = state;
    if (connection === null) {
      return;
    }
    if (connection.environment.id !== this.environment) {
      this.environment = connection.environment.id;
      this.name.value = profileName(state);
    }
    this.element.hidden = connection.keeping === 'no';
    setText(this.summary, inWords(kept.how, kept.profile));
    if (!this.hows.profile.input.checked || kept.profile !== '') {
      this.hows[kept.profile === '' ? kept.how : 'profile'].input.checked = true;
    }
    this.needsStore = connection.keeping === 'store';
    // There is a choice only where the keyring has failed.
    this.where.hidden = !this.needsStore || kept.profile !== '' || !(kept.offers_file || this.stores.file.input.checked);
    this.place.hidden = !this.where.hidden;
    setText(this.place, placeInWords(state, this.needsStore));
    setText(this.problem, [kept.problem, kept.fix].filter(Boolean).join(' '));
    this.problem.hidden = kept.problem === '';
    setAttribute(this.name, 'aria-invalid', kept.problem === '' || kept.offers_file ? false : 'true');
    this.form.hidden = !this.hows.profile.input.checked;
  }

  private pick(how: How): void {
    this.form.hidden = how !== 'profile';
    if (how !== 'profile') {
      this.send({ type: 'keep', how });
    }
  }

  private submit(): void {
    const store: Store = this.stores.file.input.checked ? 'file' : 'keyring';
    this.send({ type: 'keep', how: 'profile', name: this.name.value.trim(), store: this.needsStore ? store : null });
  }
}

interface Radio {
  readonly element: HTMLElement;
  readonly input: HTMLInputElement;
}

function radio(group: string, text: string, more: string): Radio {
  const input = make('input', { type: 'radio', name: group });
  const words = make('span', {}, text, ...(more ? [make('span', { class: 'qnb-more' }, more)] : []));
  return { element: make('label', { class: 'qnb-radio' }, input, words), input };
}

function placeInWords({ kept, connection }: State, needsStore: boolean): string {
  if (kept.profile !== '') {
    return `Saved. In any notebook: %quix_use ${kept.profile}`;
  }
  return needsStore
    ? 'The token goes into the keyring of this machine’s operating system.'
    : `The profile names ${connection?.source ?? 'the place'}; the token stays there alone.`;
}

function inWords(how: 'once' | 'kernel', profile: string): string {
  if (profile !== '') {
    return `Remembered as profile ${profile}`;
  }
  return how === 'kernel' ? 'Remembered in this kernel' : 'Remembered for this connection only';
}
