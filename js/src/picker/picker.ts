/** The token picker: puts its parts together, and shows the one that the kernel's state asks for. */

import type { AnyModel, RenderProps } from '@anywidget/types';

import { Choices } from './choices';
import { Code } from './code';
import { button, isPlain, make, setText, uniqueId } from './dom';
import { Facts } from './facts';
import { Keep } from './keep';
import { Line } from './line';
import { Listbox } from './listbox';
import type { Place, State, Step } from './messages';
import { Notice } from './notice';
import { Paste } from './paste';
import { Topics } from './topics';
import { health, placeDetails, spoken } from './words';

class Picker {
  readonly element: HTMLElement;
  private readonly line: Line;
  private readonly paste: Paste;
  private readonly choices: Choices;
  private readonly environments: Listbox<Place>;
  private readonly facts: Facts;
  private readonly topics: Topics;
  private readonly code: Code;
  private readonly keep: Keep;
  private readonly notice: Notice;
  private readonly title = make('h3', { id: uniqueId(), tabindex: '-1' }, 'Quix connection');
  private readonly health = make('span', { class: 'qnb-health' });
  private readonly status = make('p', { class: 'qnb-unseen', role: 'status' });
  private readonly offline = make('div', { class: 'qnb-offline', role: 'status' });
  private readonly checking = make('span');
  private readonly portal = make('span', { class: 'qnb-portal' });
  private readonly back: HTMLButtonElement;
  private readonly forget: HTMLButtonElement;
  private readonly parts: Readonly<Record<Step, HTMLElement>>;
  private readonly body: HTMLElement;
  private step: Step | undefined;

  constructor(model: AnyModel) {
    this.line = new Line(
      model,
      state => this.show(state),
      () => this.showLine()
    );
    const send = this.line.send;
    this.paste = new Paste(send, () => this.line.key);
    this.choices = new Choices(send);
    this.environments = new Listbox<Place>({
      label: 'Environments',
      placeholder: 'Search environments',
      key: place => place.id,
      texts: place => [place.project],
      group: place => place.project,
      show: place => [place.name, place.id, placeDetails(place)],
      choose: place => send({ type: 'environment', id: place.id }),
      none: query => (query === '' ? 'Asking for the environments…' : `No environment has “${query}” in its name or ID.`)
    });
    this.facts = new Facts(send);
    this.topics = new Topics(send);
    this.code = new Code(text => setText(this.status, text));
    this.keep = new Keep(send);
    this.notice = new Notice(send);
    this.back = button('Cancel', '', () => send({ type: 'back' }));
    this.forget = button('Disconnect', 'qnb-link', () => send({ type: 'forget' }));
    const spinner = make('span', { class: 'qnb-spinner', 'aria-hidden': 'true' });
    this.parts = {
      choose: make('div', {}, this.paste.element, this.choices.element),
      checking: make('div', { class: 'qnb-checking' }, spinner, this.checking),
      environments: make('section', {}, make('h4', {}, 'Choose an environment'), this.environments.element),
      connected: make('div', {}, this.facts.element, this.topics.element, this.code.element, this.keep.element)
    };
    const foot = make('footer', {}, this.portal, this.forget, this.back);
    this.body = make('div', { class: 'qnb-body' }, this.notice.element, ...Object.values(this.parts), foot);
    this.body.hidden = true;
    const header = make('header', {}, this.title, this.health);
    this.element = make('section', { class: 'quixnb-picker', 'aria-labelledby': this.title.id }, header);
    this.element.append(this.offline, this.body, this.status);
    // Before JupyterLab's shortcuts see a key: a letter or an arrow pressed in here is not meant for the notebook.
    window.addEventListener('keydown', this.claim, true);
    this.showLine();
  }

  dispose(): void {
    window.removeEventListener('keydown', this.claim, true);
    this.line.dispose();
  }

  private readonly claim = (event: KeyboardEvent): void => {
    if (event.target instanceof Element && this.element.contains(event.target)) {
      event.target.toggleAttribute('data-lm-suppress-shortcuts', isPlain(event) || event.key === 'Tab');
    }
  };

  private show(state: State): void {
    const had = this.element.contains(document.activeElement);
    this.notice.show(state);
    this.choices.show(state);
    this.environments.show(state.environments, state.connection?.environment.id ?? '');
    this.facts.show(state);
    this.topics.show(state);
    this.code.show(state);
    this.keep.show(state);
    setText(this.checking, `Checking ${state.checking}…`);
    setText(this.portal, state.portal === '' ? '' : `Portal ${state.portal}`, true);
    const { text, look } = health(state);
    setText(this.health, text);
    this.health.dataset['look'] = look;
    this.forget.hidden = state.step !== 'connected';
    this.back.hidden = state.step === 'connected' || (state.step === 'choose' && state.connection === null);
    setText(this.status, spoken(state));
    this.enter(state.step);
    // Whoever was in here stays in here, at what comes next; nobody is called from elsewhere.
    const active = document.activeElement;
    if (had && (active === this.title || !this.element.contains(active) || active?.closest('[hidden]'))) {
      this.focusOn(state);
    }
  }

  private enter(step: Step): void {
    if (step === this.step) {
      return;
    }
    this.step = step;
    for (const [name, part] of Object.entries(this.parts)) {
      part.hidden = name !== step;
    }
    if (step === 'environments') {
      this.environments.clear();
    }
  }

  private focusOn({ step, topics }: State): void {
    if (step === 'choose') {
      this.paste.focus();
    } else if (step === 'environments') {
      this.environments.search.focus();
    } else if (step === 'connected' && topics !== null) {
      this.topics.focus();
    } else {
      this.title.focus();
    }
  }

  private showLine(): void {
    const { liveness } = this.line;
    const isKnown = this.step !== undefined;
    this.body.hidden = !isKnown;
    if (liveness === 'gone') {
      // Not only out of sight: nothing of it is true any more.
      this.body.remove();
      setText(this.health, '');
      setText(this.status, '');
    }
    this.offline.hidden = liveness === 'live';
    this.offline.dataset['liveness'] = liveness;
    this.health.hidden = liveness !== 'live';
    this.offline.replaceChildren(...this.saysOf(liveness, isKnown));
  }

  private saysOf(liveness: Line['liveness'], isKnown: boolean): readonly Node[] {
    if (liveness === 'waiting') {
      return [make('p', { class: 'qnb-late' }, 'Asking the kernel…')];
    }
    if (liveness === 'gone') {
      return [
        make('p', {}, make('strong', {}, 'The kernel was restarted.')),
        make('p', {}, 'Its connection to Quix ended with it. To connect again, run this cell.')
      ];
    }
    if (liveness === 'silent') {
      const again = button('Try again', '', () => this.line.send({ type: 'hello' }));
      const what = isKnown ? 'The kernel has not answered yet.' : 'Not connected to a kernel.';
      const why = isKnown
        ? 'It may be busy with a cell; this goes on by itself when it is free.'
        : 'Run this cell. If the kernel is busy, this goes on by itself when it is free.';
      return [make('p', {}, make('strong', {}, what)), make('p', {}, why), again];
    }
    return [];
  }
}

export default {
  render({ model, el }: RenderProps): () => void {
    const picker = new Picker(model);
    el.append(picker.element);
    return () => picker.dispose();
  }
};
