/** Small tools for the page: elements are made once and changed afterwards, so that focus and cursor stay. */

type Attributes = Readonly<Record<string, string | boolean>>;

/** An element with attributes (true: present without a value, false: absent) and children. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    setAttribute(element, name, value);
  }
  element.append(...children);
  return element;
}

export function setAttribute(element: Element, name: string, value: string | boolean): void {
  if (value === false) {
    element.removeAttribute(name);
  } else {
    element.setAttribute(name, value === true ? '' : value);
  }
}

/** A text, and the same as a title where it may be cut short. Writes nothing that is there already. */
export function setText(element: HTMLElement, text: string, title = false): void {
  if (element.textContent !== text) {
    element.textContent = text;
  }
  if (title && element.title !== text) {
    element.title = text;
  }
}

export function button(text: string, look: string, act: () => void): HTMLButtonElement {
  const element = make('button', { type: 'button', class: `qnb-button ${look}`.trim() }, text);
  element.addEventListener('click', act);
  return element;
}

/** Children of `parent`, one for each item in this order; what is there for a key is kept and only changed. */
export function keyed<T, E extends HTMLElement>(
  parent: HTMLElement,
  items: readonly T[],
  key: (item: T) => string,
  create: (item: T) => E,
  change: (element: E, item: T) => void
): void {
  const old = new Map(Array.from(parent.children, child => [(child as E).dataset['key'] ?? '', child as E]));
  let at: ChildNode | null = parent.firstChild;
  for (const item of items) {
    const name = key(item);
    const element = old.get(name) ?? create(item);
    old.delete(name);
    element.dataset['key'] = name;
    change(element, item);
    if (element === at) {
      at = at.nextSibling;
    } else {
      parent.insertBefore(element, at);
    }
  }
  old.forEach(element => element.remove());
}

/** An ID that no other picker on the page has. */
export function uniqueId(): string {
  return `qnb-${Math.random().toString(36).slice(2, 10)}`;
}

/** Let Enter in a field submit its form: inside a JupyterLab cell it does not by itself. */
export function submitOnEnter(form: HTMLFormElement, submit: () => void): void {
  form.addEventListener('submit', event => {
    event.preventDefault();
    submit();
  });
  form.addEventListener('keydown', event => {
    if (event.key === 'Enter' && event.target instanceof HTMLInputElement && !event.isComposing && isPlain(event)) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
}

/** Whether a key was pressed without Ctrl, Alt or the like: with one of them it is the application's. */
export function isPlain(event: KeyboardEvent): boolean {
  return !event.ctrlKey && !event.metaKey && !event.altKey && !event.shiftKey;
}
