/** Makes elements; texts are texts, never HTML. */

export function element(tag: string, text: string): HTMLElement {
  const made = document.createElement(tag);
  made.textContent = text;
  return made;
}

export function listOf(tag: 'ol' | 'ul', texts: readonly string[]): HTMLElement {
  const list = document.createElement(tag);
  list.append(...texts.map(text => element('li', text)));
  return list;
}
