/** The typing guard: marks and tooltips in all editors, put in and taken out as the setting says. */

import { Compartment, Facet } from '@codemirror/state';
import { EditorView, ViewPlugin } from '@codemirror/view';
import type { CodeEditor } from '@jupyterlab/codeeditor';
import type { IEditorExtensionRegistry } from '@jupyterlab/codemirror';
import { EditorExtensionRegistry } from '@jupyterlab/codemirror';

import type { Mark } from './marks';
import { tokenMarks } from './marks';
import type { Mender } from './mend';
import { keyOf } from './keys';
import { isMeantForTokens } from './places';
import { showHowToRotate } from './rotation';
import type { GuardSettings } from './settings';
import { silencing } from './silence';
import type { Action } from './tip';
import { openTip, tokenTips } from './tip';

const modelOf = Facet.define<CodeEditor.IModel>();

/** Marks tokens in the editors of the application. */
export class TypingGuard {
  private readonly _views = new Set<EditorView>();
  private readonly _compartment = new Compartment();
  private readonly _marks = tokenMarks();
  private readonly _guard = [this._marks, tokenTips(this._marks, (view, mark) => this._actions(view, mark))];

  constructor(
    registry: IEditorExtensionRegistry,
    private readonly _mender: Mender,
    private readonly _settings: GuardSettings
  ) {
    const views = this._views;
    const registration = ViewPlugin.define(view => {
      views.add(view);
      // Which file this is, is not known while its editor is being made.
      window.requestAnimationFrame(() => views.has(view) && this._apply(view));
      return { destroy: () => void views.delete(view) };
    });
    registry.addExtension({
      name: 'quixnb:typing-guard',
      factory: ({ model }) =>
        EditorExtensionRegistry.createImmutableExtension([modelOf.of(model), this._compartment.of([]), registration])
    });
    _settings.changed.connect(() => views.forEach(view => this._apply(view)));
  }

  /** Open the tooltip in the editor that `node` is in; false if there is no token in it. */
  openTipIn(node: Element | null): boolean {
    const view = [...this._views].find(each => node !== null && (each.dom.contains(node) || node.contains(each.dom)));
    return view !== undefined && openTip(view, this._marks);
  }

  private _apply(view: EditorView): void {
    const isOn = this._settings.current.typing && !this._isMeantForTokens(view);
    const isNow = view.state.field(this._marks, false) !== undefined;
    if (isOn !== isNow) {
      view.dispatch({ effects: this._compartment.reconfigure(isOn ? this._guard : []) });
    }
  }

  private _isMeantForTokens(view: EditorView): boolean {
    const [model] = view.state.facet(modelOf);
    const context = model && this._mender.placeOf(model).context;
    return Boolean(context && isMeantForTokens(context.path));
  }

  private _actions(view: EditorView, mark: Mark): Action[] {
    const [model] = view.state.facet(modelOf);
    if (model === undefined) {
      return [];
    }
    const place = this._mender.placeOf(model);
    const key = keyOf(view.state.sliceDoc(mark.from, mark.to));
    const actions: Action[] = [];
    if (this._mender.canMove(place)) {
      const label = this._mender.hasLink(place) ? 'Move to the kernel' : 'Load quixnb and move to the kernel';
      actions.push({ label, run: () => void this._mender.move(place, key) });
    } else {
      actions.push({ label: 'Replace by a placeholder', run: () => void this._mender.replace(place, key) });
    }
    const change = silencing(view.state, mark.to, model.mimeType);
    if (change) {
      actions.push({ label: 'Not a token', run: () => view.dispatch(change) });
    }
    return [...actions, { label: 'How to rotate', run: () => void showHowToRotate(mark.kind) }];
  }
}
