/** A watch for each document that is open. */

import type { ConsolePanel } from '@jupyterlab/console';
import type { IDocumentWidget } from '@jupyterlab/docregistry';
import type { FileEditor } from '@jupyterlab/fileeditor';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';
import type { Widget } from '@lumino/widgets';

import type { Trackers } from './places';
import { isMeantForTokens } from './places';
import type { GuardSettings } from './settings';
import type { Subject, Subjects } from './watch';
import { Watch } from './watch';

/** The watches of all open notebooks, consoles and text files. */
export class Watches {
  private readonly _byWidget = new Map<Widget, Watch>();
  private readonly _added = new Signal<this, Watch>(this);

  constructor(
    { notebooks, consoles, files }: Trackers,
    private readonly _settings: GuardSettings
  ) {
    notebooks?.forEach(panel => this._watch(panel, ofNotebook(panel)));
    notebooks?.widgetAdded.connect((_, panel) => this._watch(panel, ofNotebook(panel)));
    consoles?.forEach(panel => this._watch(panel, ofConsole(panel)));
    consoles?.widgetAdded.connect((_, panel) => this._watch(panel, ofConsole(panel)));
    files?.forEach(file => this._watch(file, ofFile(file)));
    files?.widgetAdded.connect((_, file) => this._watch(file, ofFile(file)));
  }

  /** Emitted with the watch of a document that was just opened. */
  get added(): ISignal<this, Watch> {
    return this._added;
  }

  get all(): readonly Watch[] {
    return [...this._byWidget.values()];
  }

  of(widget: Widget | null): Watch | null {
    return (widget && this._byWidget.get(widget)) ?? null;
  }

  private _watch(widget: NotebookPanel | ConsolePanel | IDocumentWidget<FileEditor>, subjects: Subjects): void {
    const watch = new Watch(widget, 'context' in widget ? widget.context : null, subjects, this._settings);
    this._byWidget.set(widget, watch);
    widget.disposed.connect(() => this._byWidget.delete(widget));
    this._added.emit(watch);
  }
}

function ofNotebook({ content }: NotebookPanel): Subjects {
  return {
    list: () => content.widgets.map(cell => ({ model: cell.model, widget: cell })),
    follow: (changed, receiver) => {
      content.modelChanged.connect(changed, receiver);
      content.modelContentChanged.connect(changed, receiver);
    }
  };
}

function ofConsole(panel: ConsolePanel): Subjects {
  const { console } = panel;
  const cells = (): Subject[] =>
    [...console.cells, ...(console.promptCell ? [console.promptCell] : [])].map(cell => ({ model: cell.model, widget: cell }));
  return {
    list: cells,
    follow: (changed, receiver) => {
      const follow = (): void => {
        cells().forEach(cell => cell.widget?.model.contentChanged.connect(changed, receiver));
        changed();
      };
      console.promptCellCreated.connect(follow, receiver);
      console.cells.changed.connect(follow, receiver);
      follow();
    }
  };
}

function ofFile({ content, context }: IDocumentWidget<FileEditor>): Subjects {
  return {
    list: () => (isMeantForTokens(context.path) ? [] : [{ model: content.model, widget: null }]),
    follow: (changed, receiver) => {
      context.model.contentChanged.connect(changed, receiver);
      context.pathChanged.connect(changed, receiver);
    }
  };
}
