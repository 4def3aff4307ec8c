/** A list to search and choose from: the focus stays in its search field, the arrow keys move through the list. */

import { make, isPlain, keyed, setAttribute, setText, uniqueId } from './dom';
import { grouped, matching, moved } from './filter';

/** How many are shown; whoever has more types a few letters. */
const MOST = 200;

export interface Kind<T> {
  /** What the list is called. */
  readonly label: string;
  readonly placeholder: string;
  key(item: T): string;
  /** Searched in, besides what is shown. */
  texts(item: T): readonly string[];
  group(item: T): string;
  /** First line, second line, and what stands at the right. */
  show(item: T): readonly [string, string, string];
  choose(item: T): void;
  /** What to say where nothing matches. */
  none(query: string): string;
}

export class Listbox<T> {
  readonly element: HTMLElement;
  readonly search: HTMLInputElement;
  private readonly list: HTMLElement;
  private readonly note = make('p', { class: 'qnb-note qnb-none' });
  private readonly id = uniqueId();
  private items: readonly T[] = [];
  private shown: readonly T[] = [];
  private chosen = '';
  private active = -1;

  constructor(private readonly kind: Kind<T>) {
    this.search = make('input', {
      type: 'search',
      class: 'qnb-field',
      role: 'combobox',
      autocomplete: 'off',
      autocapitalize: 'off',
      spellcheck: 'false',
      placeholder: kind.placeholder,
      'aria-label': kind.placeholder,
      'aria-autocomplete': 'list',
      'aria-expanded': 'true',
      'aria-controls': this.id
    });
    // Out of the order of Tab, into which Chrome takes all that scrolls: the search field is its handle.
    this.list = make('div', { id: this.id, class: 'qnb-list', role: 'listbox', tabindex: '-1', 'aria-label': kind.label });
    this.element = make('div', { class: 'qnb-listbox' }, this.search, this.list, this.note);
    this.search.addEventListener('input', () => this.filter());
    this.search.addEventListener('keydown', event => this.press(event));
    // The focus stays in the field, so that the arrow keys go on working after a click.
    this.list.addEventListener('mousedown', event => event.preventDefault());
    this.list.addEventListener('click', event => this.click(event));
  }

  show(items: readonly T[], chosen: string): void {
    if (items !== this.items || chosen !== this.chosen) {
      const activeKey = this.keyAt(this.active);
      this.items = items;
      this.chosen = chosen;
      this.render();
      this.activate(this.shown.findIndex(item => this.kind.key(item) === activeKey), false);
    }
  }

  clear(): void {
    this.search.value = '';
    this.filter();
  }

  private filter(): void {
    this.render();
    this.activate(this.search.value === '' || this.shown.length === 0 ? -1 : 0, true);
  }

  private render(): void {
    const query = this.search.value.trim();
    const found = matching(this.items, query, item => [...this.kind.show(item).slice(0, 2), ...this.kind.texts(item)]);
    this.shown = found.slice(0, MOST);
    const groups = grouped(this.shown, item => this.kind.group(item));
    keyed(
      this.list,
      groups,
      ([name]) => name,
      ([name]) => this.makeGroup(name),
      (element, [, items]) => this.fillGroup(element, items)
    );
    this.list.hidden = this.shown.length === 0;
    setAttribute(this.search, 'aria-expanded', this.shown.length === 0 ? 'false' : 'true');
    const rest = found.length - this.shown.length;
    const more = rest > 0 ? `${rest.toLocaleString('en')} more: type to narrow the list.` : '';
    setText(this.note, this.shown.length === 0 ? this.kind.none(query) : more);
    this.note.hidden = this.note.textContent === '';
  }

  private makeGroup(name: string): HTMLElement {
    if (name === '') {
      return make('div', { role: 'presentation' });
    }
    const id = uniqueId();
    const heading = make('div', { id, class: 'qnb-group', role: 'presentation', title: name }, name);
    return make('div', { role: 'group', 'aria-labelledby': id }, heading, make('div', { role: 'presentation' }));
  }

  private fillGroup(element: HTMLElement, items: readonly T[]): void {
    const parent = element.getAttribute('role') === 'group' ? (element.lastElementChild as HTMLElement) : element;
    keyed(
      parent,
      items,
      item => this.kind.key(item),
      () => makeOption(),
      (option, item) => this.fillOption(option, item)
    );
  }

  private fillOption(option: HTMLElement, item: T): void {
    const texts = this.kind.show(item);
    option.querySelectorAll('span').forEach((part, index) => setText(part, texts[index] ?? '', true));
    setAttribute(option, 'aria-selected', this.kind.key(item) === this.chosen ? 'true' : 'false');
  }

  private press(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 6, PageUp: -6 }[event.key];
    if (!isPlain(event) || event.isComposing) {
      return;
    }
    if (step !== undefined) {
      this.activate(moved(this.active, step, this.shown.length), true);
    } else if (event.key === 'Enter') {
      this.choose(this.active);
    } else if (event.key === 'Escape' && this.search.value !== '') {
      this.clear();
    } else {
      return;
    }
    event.preventDefault();
  }

  private click(event: MouseEvent): void {
    const option = event.target instanceof Element ? event.target.closest<HTMLElement>('[role=option]') : null;
    const at = this.shown.findIndex(item => this.kind.key(item) === option?.dataset['key']);
    if (at >= 0) {
      this.search.focus();
      this.activate(at, false);
      this.choose(at);
    }
  }

  private choose(at: number): void {
    const item = this.shown[at];
    if (item !== undefined) {
      this.kind.choose(item);
    }
  }

  /** Make an option the one that Enter chooses; -1 for none. */
  private activate(at: number, scrolls: boolean): void {
    this.active = at;
    const key = this.keyAt(at);
    let current: HTMLElement | undefined;
    this.list.querySelectorAll<HTMLElement>('[role=option]').forEach(option => {
      const isActive = at >= 0 && option.dataset['key'] === key;
      option.classList.toggle('qnb-active', isActive);
      current = isActive ? option : current;
    });
    setAttribute(this.search, 'aria-activedescendant', current?.id ?? false);
    if (scrolls && current !== undefined) {
      current.scrollIntoView({ block: 'nearest' });
    }
  }

  private keyAt(at: number): string | undefined {
    const item = this.shown[at];
    return item === undefined ? undefined : this.kind.key(item);
  }
}

function makeOption(): HTMLElement {
  return make(
    'div',
    { id: uniqueId(), class: 'qnb-option', role: 'option' },
    make('span', { class: 'qnb-name' }),
    make('span', { class: 'qnb-id' }),
    make('span', { class: 'qnb-details' })
  );
}
