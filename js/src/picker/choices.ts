/** What there is to choose from besides pasting: places on this machine, profiles, the sandbox. */

import { keyed, make, setText, uniqueId } from './dom';
import type { KnownProfile, Offer, Send, State } from './messages';

export class Choices {
  readonly element = make('div', { class: 'qnb-choices' });
  private readonly sources: Section;
  private readonly profiles: Section;
  private readonly looking = make('p', { class: 'qnb-note' }, 'Looking for tokens on this machine…');

  constructor(private readonly send: Send) {
    this.sources = new Section('Found on this machine');
    this.profiles = new Section('Profiles');
    const sandbox = new Section('Without an account');
    sandbox.fill(
      [null],
      () => 'sandbox',
      () => row(() => send({ type: 'sandbox' })),
      element => setRow(element, 'Sandbox', 'a local portal and broker to try things on')
    );
    this.element.append(this.looking, this.sources.element, this.profiles.element, sandbox.element);
  }

  show(state: State): void {
    this.looking.hidden = state.sources !== null;
    this.sources.fill(
      state.sources ?? [],
      (offer: Offer) => offer.spec,
      offer => row(() => this.send({ type: 'source', spec: offer.spec })),
      (element, offer) => setRow(element, offer.name, offer.place)
    );
    this.profiles.fill(
      state.profiles,
      (profile: KnownProfile) => profile.name,
      profile => row(() => this.send({ type: 'profile', name: profile.name })),
      (element, profile) => setRow(element, profile.name, [profile.environment, profile.source].filter(Boolean).join(' · '))
    );
  }
}

/** A heading and a list of things to press; hidden while it is empty. */
class Section {
  readonly element: HTMLElement;
  private readonly list: HTMLElement;

  constructor(title: string) {
    const id = uniqueId();
    this.list = make('ul', { class: 'qnb-rows', 'aria-labelledby': id });
    this.element = make('section', {}, make('h4', { id }, title), this.list);
  }

  fill<T>(
    items: readonly T[],
    key: (item: T) => string,
    create: (item: T) => HTMLElement,
    change: (element: HTMLElement, item: T) => void
  ): void {
    keyed(this.list, items, key, create, change);
    this.element.hidden = items.length === 0;
  }
}

function row(act: () => void): HTMLElement {
  const press = make(
    'button',
    { type: 'button', class: 'qnb-choice' },
    make('span', { class: 'qnb-name' }),
    make('span', { class: 'qnb-place' })
  );
  press.addEventListener('click', act);
  return make('li', {}, press);
}

function setRow(element: HTMLElement, name: string, place: string): void {
  const [first, second] = Array.from(element.querySelectorAll('span'));
  if (first && second) {
    setText(first, name, true);
    setText(second, place, true);
  }
}
