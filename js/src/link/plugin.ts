/** The plugin that provides `ILinks`. */

import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IConsoleTracker } from '@jupyterlab/console';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { ILinks } from '../link';
import { Links } from './links';

export const links: JupyterFrontEndPlugin<ILinks> = {
  id: 'quixnb:links',
  description: 'The lines to quixnb in the kernels of notebooks and consoles.',
  autoStart: true,
  provides: ILinks,
  optional: [INotebookTracker, IConsoleTracker, ITranslator],
  activate: (_, notebooks: INotebookTracker | null, consoles: IConsoleTracker | null, translator: ITranslator | null) => {
    const found = new Links((translator ?? nullTranslator).load('quixnb'));
    notebooks?.forEach(panel => found.follow(panel.sessionContext));
    notebooks?.widgetAdded.connect((_, panel) => found.follow(panel.sessionContext));
    consoles?.forEach(panel => found.follow(panel.sessionContext));
    consoles?.widgetAdded.connect((_, panel) => found.follow(panel.sessionContext));
    return found;
  }
};
