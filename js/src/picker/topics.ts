/** The environment's topics: search, choose, make a new one; and the line that publishes to the chosen one. */

import { button, make, setAttribute, setText, submitOnEnter, uniqueId } from './dom';
import { Listbox } from './listbox';
import type { Send, State, Topic } from './messages';
import { topicDetails } from './words';

export class Topics {
  readonly element: HTMLElement;
  private readonly list: Listbox<Topic>;
  private readonly asking = make('p', { class: 'qnb-note' }, 'Asking for the topics…');
  private readonly empty = make('p', { class: 'qnb-note' }, 'This environment has no topics yet. Make the first one.');
  private readonly open: HTMLButtonElement;
  private readonly form: NewTopic;
  private count = 0;

  constructor(send: Send) {
    this.list = new Listbox<Topic>({
      label: 'Topics',
      placeholder: 'Search topics',
      key: topic => topic.id,
      texts: () => [],
      group: () => '',
      show: topic => [topic.name, topic.id, topicDetails(topic)],
      choose: topic => send({ type: 'topic', id: topic.id }),
      none: query => `No topic has “${query}” in its name or ID.`
    });
    this.open = button('New topic', '', () => this.toggle(true));
    this.open.setAttribute('aria-expanded', 'false');
    this.form = new NewTopic(send, () => this.toggle(false));
    const head = make('div', { class: 'qnb-head' }, make('h4', {}, 'Topic'), this.open);
    this.element = make('section', {}, head, this.form.element, this.asking, this.empty, this.list.element);
  }

  show(state: State): void {
    const topics = state.topics;
    if (topics !== null && topics.length > this.count && this.form.isBusy && state.making === null) {
      this.toggle(false);
      this.list.clear();
    }
    this.count = topics?.length ?? 0;
    this.asking.hidden = topics !== null || state.problem !== null;
    this.empty.hidden = topics === null || topics.length > 0;
    this.list.element.hidden = topics === null || topics.length === 0;
    this.open.disabled = topics === null;
    this.list.show(topics ?? [], state.chosen);
    this.form.show(state);
  }

  focus(): void {
    (this.list.element.hidden ? this.open : this.list.search).focus();
  }

  private toggle(isOpen: boolean): void {
    const had = this.form.element.contains(document.activeElement);
    this.form.element.hidden = !isOpen;
    this.open.hidden = isOpen;
    setAttribute(this.open, 'aria-expanded', isOpen ? 'true' : 'false');
    if (isOpen) {
      this.form.focus();
    } else {
      this.form.clear();
      if (had) {
        this.focus();
      }
    }
  }
}

class NewTopic {
  readonly element: HTMLFormElement;
  isBusy = false;
  private readonly name: HTMLInputElement;
  private readonly partitions: HTMLInputElement;
  private readonly create = make('button', { type: 'submit', class: 'qnb-button qnb-main' }, 'Create');
  private readonly problem: HTMLElement;

  constructor(
    private readonly send: Send,
    close: () => void
  ) {
    const id = uniqueId();
    this.name = make('input', {
      id,
      type: 'text',
      class: 'qnb-field',
      autocomplete: 'off',
      autocapitalize: 'off',
      spellcheck: 'false',
      'aria-describedby': `${id}-problem`
    });
    this.partitions = make('input', {
      id: `${id}-partitions`,
      type: 'number',
      class: 'qnb-field',
      min: '1',
      step: '1',
      placeholder: 'default'
    });
    this.problem = make('p', { id: `${id}-problem`, class: 'qnb-error', role: 'alert' });
    const cancel = button('Cancel', '', close);
    this.element = make(
      'form',
      { class: 'qnb-new', autocomplete: 'off', novalidate: true },
      make('div', { class: 'qnb-grow' }, make('label', { for: id }, 'Name'), this.name),
      make('div', { class: 'qnb-few' }, make('label', { for: `${id}-partitions` }, 'Partitions'), this.partitions),
      make('div', { class: 'qnb-row' }, this.create, cancel),
      this.problem
    );
    this.element.hidden = true;
    submitOnEnter(this.element, () => this.submit());
    this.element.addEventListener('keydown', event => {
      if (event.key === 'Escape') {
        close();
      }
    });
  }

  show(state: State): void {
    const makes = state.making?.busy ?? false;
    this.isBusy = makes || (this.isBusy && state.making === null);
    // Not `disabled`: that would take the focus from it.
    setAttribute(this.create, 'aria-disabled', makes ? 'true' : false);
    setText(this.create, makes ? 'Creating…' : 'Create');
    const problem = state.making?.problem ?? '';
    setText(this.problem, problem);
    this.problem.hidden = problem === '';
    setAttribute(this.name, 'aria-invalid', problem === '' ? false : 'true');
  }

  focus(): void {
    this.name.focus();
  }

  clear(): void {
    this.name.value = this.partitions.value = '';
    this.isBusy = false;
    setText(this.problem, '');
    this.problem.hidden = true;
    setAttribute(this.name, 'aria-invalid', false);
  }

  private submit(): void {
    if (this.create.getAttribute('aria-disabled') === 'true') {
      return;
    }
    const text = this.partitions.value.trim();
    // What is no number is the kernel's to refuse, as everything else is: 0 says so.
    const partitions = text === '' && this.partitions.validity.valid ? null : Number(text) || 0;
    this.send({ type: 'new topic', name: this.name.value.trim(), partitions });
  }
}
