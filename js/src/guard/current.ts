/** The findings of the document at hand, for the status bar and the panel. */

import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { Cell } from '@jupyterlab/cells';
import { MarkdownCell } from '@jupyterlab/cells';
import type { CodeEditor } from '@jupyterlab/codeeditor';
import type { IEditorTracker } from '@jupyterlab/fileeditor';
import { NotebookPanel } from '@jupyterlab/notebook';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import { findTokens } from '../detect/search';
import type { IFindings, PlacedFinding } from '../findings';
import { keyOf } from './keys';
import type { Mender } from './mend';
import type { Found, Watch } from './watch';
import type { Watches } from './watches';

/** Follows the shell's current widget. */
export class CurrentFindings implements IFindings {
  private readonly _changed = new Signal<this, void>(this);

  constructor(
    private readonly _shell: JupyterFrontEnd.IShell,
    private readonly _watches: Watches,
    private readonly _mender: Mender,
    private readonly _files: IEditorTracker | null
  ) {
    _shell.currentChanged?.connect(() => this._changed.emit());
    _watches.added.connect((_, watch) => this._follow(watch));
    _watches.all.forEach(watch => this._follow(watch));
  }

  get current(): readonly PlacedFinding[] {
    return this._watch?.findings ?? [];
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  reveal(finding: PlacedFinding): void {
    const [watch, found] = this._find(finding) ?? [];
    if (watch && found) {
      void this.show(watch, found);
    }
  }

  async fix(finding: PlacedFinding): Promise<void> {
    const [, found] = this._find(finding) ?? [];
    if (found) {
      await this._mender.fix(found);
    }
  }

  /** Bring a finding before the user: its document, its cell, and the token selected. */
  async show(watch: Watch, found: Found): Promise<void> {
    this._shell.activateById(watch.widget.id);
    const { widget } = found.subject;
    if (widget === null) {
      const file = this._files?.find(each => each === watch.widget);
      select(file?.content.editor ?? null, found);
      return;
    }
    if (watch.widget instanceof NotebookPanel) {
      const { content } = watch.widget;
      content.activeCellIndex = content.widgets.indexOf(widget);
      await content.scrollToCell(widget);
    }
    await widget.ready;
    if (found.output === null) {
      select(editorOf(widget), found);
    } else {
      widget.node.querySelector('.jp-Cell-outputArea')?.scrollIntoView({ block: 'nearest' });
    }
  }

  private get _watch(): Watch | null {
    return this._watches.of(this._shell.currentWidget);
  }

  private _follow(watch: Watch): void {
    watch.changed.connect(() => {
      if (watch === this._watch) {
        this._changed.emit();
      }
    });
  }

  private _find(finding: PlacedFinding): [Watch, Found] | null {
    for (const watch of this._watches.all) {
      const found = watch.findings.find(each => each === finding);
      if (found) {
        return [watch, found];
      }
    }
    return null;
  }
}

function editorOf(cell: Cell): CodeEditor.IEditor | null {
  if (cell instanceof MarkdownCell) {
    cell.rendered = false;
  }
  return cell.editor;
}

function select(editor: CodeEditor.IEditor | null, found: Found): void {
  if (editor === null) {
    return;
  }
  const source = editor.model.sharedModel.getSource();
  const span = findTokens(source).find(({ start, end }) => keyOf(source.slice(start, end)) === found.key);
  const [start, end] = [span && editor.getPositionAt(span.start), span && editor.getPositionAt(span.end)];
  if (start && end) {
    editor.focus();
    editor.setSelection({ start, end });
    editor.revealSelection({ start, end });
  }
}
