/** The tooltip at a token: what it is, and what can be done; opened by the mouse or from the keyboard. */

import type { EditorState, Extension } from '@codemirror/state';
import { StateEffect, StateField } from '@codemirror/state';
import type { DecorationSet, EditorView, Tooltip } from '@codemirror/view';
import { closeHoverTooltips, hoverTooltip, showTooltip } from '@codemirror/view';

import type { Mark } from './marks';
import { marksIn } from './marks';
import { kindName, opens } from './words';

/** A button of the tooltip. */
export interface Action {
  readonly label: string;
  readonly run: () => void;
}

/** What can be done about a mark. */
export type ActionsFor = (view: EditorView, mark: Mark) => readonly Action[];

const setOpen = StateEffect.define<Mark | null>();

/** The tooltip of an editor's marks. */
export function tokenTips(marks: StateField<DecorationSet>, actionsFor: ActionsFor): Extension {
  const opened = StateField.define<Mark | null>({
    create: () => null,
    update: (mark, transaction) => {
      const set = transaction.effects.find(effect => effect.is(setOpen));
      return set ? (set.value as Mark | null) : transaction.docChanged ? null : mark;
    },
    provide: field => showTooltip.from(field, mark => (mark ? tooltip(mark, actionsFor, true) : null))
  });
  const hover = hoverTooltip(
    (view, place) => {
      const mark = marksIn(view.state, marks).find(({ from, to }) => from <= place && place <= to);
      if (!mark || view.state.field(opened)) {
        return null;
      }
      // A tooltip whose place has been scrolled out of a long line is not shown.
      const begin = view.coordsAtPos(mark.from);
      const isInView = begin !== null && begin.left >= view.scrollDOM.getBoundingClientRect().left;
      return { ...tooltip(mark, actionsFor, false), pos: isInView ? mark.from : place };
    },
    { hideOnChange: true }
  );
  return [opened, hover];
}

/** Open the tooltip of the mark at the cursor, or of the next one; its first button gets the focus. */
export function openTip(view: EditorView, marks: StateField<DecorationSet>): boolean {
  const mark = markAtCursor(view.state, marks);
  if (mark === null) {
    return false;
  }
  view.dispatch({ effects: setOpen.of(mark), selection: { anchor: mark.from }, scrollIntoView: true });
  return true;
}

function markAtCursor(state: EditorState, marks: StateField<DecorationSet>): Mark | null {
  const found = marksIn(state, marks);
  const cursor = state.selection.main.head;
  return found.find(({ to }) => to >= cursor) ?? found[0] ?? null;
}

function tooltip(mark: Mark, actionsFor: ActionsFor, fromKeyboard: boolean): Tooltip {
  return {
    pos: mark.from,
    end: mark.to,
    above: true,
    create: view => {
      const dom = contents(view, mark, actionsFor(view, mark));
      const close = (): void => view.dispatch({ effects: setOpen.of(null) });
      dom.addEventListener('keydown', event => {
        event.stopPropagation(); // none of them is meant for the notebook
        if (event.key === 'Escape') {
          event.preventDefault();
          close();
          view.focus();
        }
      });
      dom.addEventListener('focusout', event => {
        const goesOut = !(event.relatedTarget instanceof Node && dom.contains(event.relatedTarget));
        // An editor that is being taken down is told nothing.
        if (fromKeyboard && goesOut && view.dom.isConnected) {
          window.requestAnimationFrame(() => view.dom.isConnected && close());
        }
      });
      return fromKeyboard ? { dom, mount: () => dom.querySelector('button')?.focus() } : { dom };
    }
  };
}

function contents(view: EditorView, mark: Mark, actions: readonly Action[]): HTMLElement {
  const dom = document.createElement('div');
  dom.className = 'qnb-Tip';
  dom.setAttribute('role', 'group');
  dom.setAttribute('aria-label', `${kindName(mark.kind)} in plain text`);
  const title = document.createElement('strong');
  title.textContent = `${kindName(mark.kind)} in plain text`;
  const text = document.createElement('p');
  text.textContent = opens(mark.kind);
  const row = document.createElement('div');
  row.className = 'qnb-Tip-actions';
  row.append(...actions.map((action, at) => button(view, action, at === 0)));
  dom.append(title, text, row);
  return dom;
}

function button(view: EditorView, { label, run }: Action, isFirst: boolean): HTMLButtonElement {
  const made = document.createElement('button');
  made.className = `jp-mod-styled jp-mod-small ${isFirst ? 'jp-mod-accept' : 'jp-mod-reject'}`;
  made.textContent = label;
  const act = (): void => {
    view.dispatch({ effects: [setOpen.of(null), closeHoverTooltips] });
    view.focus();
    run();
  };
  // A click comes after the focus has moved, and the tooltip with it; from the keyboard it comes alone.
  made.addEventListener('mousedown', event => {
    event.preventDefault();
    act();
  });
  made.addEventListener('click', event => event.detail === 0 && act());
  return made;
}
