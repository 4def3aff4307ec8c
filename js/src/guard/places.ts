/** Where an editor's text belongs: to which document, and to which kernel. */

import type { ISharedText } from '@jupyter/ydoc';
import type { CodeEditor } from '@jupyterlab/codeeditor';
import type { IConsoleTracker } from '@jupyterlab/console';
import type { DocumentRegistry } from '@jupyterlab/docregistry';
import type { IEditorTracker } from '@jupyterlab/fileeditor';
import type { INotebookTracker } from '@jupyterlab/notebook';
import type { Kernel } from '@jupyterlab/services';

export type Context = DocumentRegistry.IContext<DocumentRegistry.IModel>;

/** A text that can be edited, and what it belongs to. */
export interface Place {
  readonly shared: ISharedText;
  /** The kernel that can keep a token for this text; null where no Python runs: Markdown, raw cells, text files. */
  readonly kernel: Kernel.IKernelConnection | null;
  /** The document to save when the text is mended; null for a console. */
  readonly context: Context | null;
}

/** The application's lists of what is open; each may be missing. */
export interface Trackers {
  readonly notebooks: INotebookTracker | null;
  readonly consoles: IConsoleTracker | null;
  readonly files: IEditorTracker | null;
}

/** The place of the text that `model` holds. */
export function placeOf(model: CodeEditor.IModel, { notebooks, consoles, files }: Trackers): Place {
  const shared = model.sharedModel;
  const panel = notebooks?.find(each => each.content.widgets.some(cell => cell.model === model));
  if (panel) {
    const kernel = isPythonCode(model) ? panel.sessionContext.session?.kernel : null;
    return { shared, kernel: kernel ?? null, context: panel.context };
  }
  const prompt = consoles?.find(each => each.console.promptCell?.model === model);
  if (prompt) {
    const kernel = isPythonCode(model) ? prompt.sessionContext.session?.kernel : null;
    return { shared, kernel: kernel ?? null, context: null };
  }
  const file = files?.find(each => each.content.model === model);
  return { shared, kernel: null, context: file?.context ?? null };
}

/** Whether a file is there to hold tokens, as the server's check on save sees it. */
export function isMeantForTokens(path: string): boolean {
  return /^.*\.env(?:\..*)?$/.test(path.split('/').pop() ?? '');
}

function isPythonCode(model: CodeEditor.IModel): boolean {
  // The type of a Markdown cell is text/x-ipythongfm.
  return /^text\/x-i?python$/.test(model.mimeType);
}
