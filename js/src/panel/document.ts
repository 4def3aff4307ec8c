/** The notebook or console at hand, and how a cell is put into it. */

import type { ISessionContext } from '@jupyterlab/apputils';
import { ConsolePanel, type IConsoleTracker } from '@jupyterlab/console';
import { NotebookActions, NotebookPanel, type INotebookTracker } from '@jupyterlab/notebook';
import type { Widget } from '@lumino/widgets';

import type { Written } from './words';

export interface Document {
  readonly context: ISessionContext;
  /** The source of the cell at hand. */
  readonly source: string;
  /** Put a cell below the one at hand, and the cursor into it. */
  write(cell: Written): Promise<void>;
  /** The same, and run it. */
  run(source: string): Promise<void>;
}

export function documentOf(
  widget: Widget | null,
  notebooks: INotebookTracker | null,
  consoles: IConsoleTracker | null
): Document | null {
  if (widget instanceof NotebookPanel && notebooks?.has(widget)) {
    return new NotebookDocument(widget);
  }
  return widget instanceof ConsolePanel && consoles?.has(widget) ? new ConsoleDocument(widget) : null;
}

class NotebookDocument implements Document {
  constructor(private readonly panel: NotebookPanel) {}

  get context(): ISessionContext {
    return this.panel.sessionContext;
  }

  get source(): string {
    return this.panel.content.activeCell?.model.sharedModel.getSource() ?? '';
  }

  async write({ source, selected }: Written): Promise<void> {
    const { content } = this.panel;
    this.insert(source);
    const cell = content.activeCell;
    await cell?.ready;
    this.panel.activate();
    content.mode = 'edit';
    if (cell) {
      await content.scrollToCell(cell);
    }
    const [start, end] = selected?.map(offset => cell?.editor?.getPositionAt(offset)) ?? [];
    if (start && end) {
      cell?.editor?.setSelection({ start, end });
    }
    cell?.editor?.focus();
  }

  async run(source: string): Promise<void> {
    this.insert(source);
    this.panel.activate();
    await NotebookActions.run(this.panel.content, this.panel.sessionContext);
  }

  private insert(source: string): void {
    const { content } = this.panel;
    const { activeCell } = content;
    // What is there and empty is used.
    if (!activeCell || activeCell.model.type !== 'code' || this.source.trim() !== '') {
      NotebookActions.insertBelow(content);
      NotebookActions.changeCellType(content, 'code');
    }
    content.activeCell?.model.sharedModel.setSource(source);
  }
}

class ConsoleDocument implements Document {
  constructor(private readonly panel: ConsolePanel) {}

  get context(): ISessionContext {
    return this.panel.sessionContext;
  }

  get source(): string {
    return this.panel.console.promptCell?.model.sharedModel.getSource() ?? '';
  }

  async write({ source, selected }: Written): Promise<void> {
    const prompt = this.panel.console.promptCell;
    prompt?.model.sharedModel.setSource(source);
    this.panel.activate();
    const [start, end] = selected?.map(offset => prompt?.editor?.getPositionAt(offset)) ?? [];
    if (start && end) {
      prompt?.editor?.setSelection({ start, end });
    }
    prompt?.editor?.focus();
  }

  async run(source: string): Promise<void> {
    this.panel.activate();
    await this.panel.console.inject(source);
  }
}
