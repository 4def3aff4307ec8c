/** The side panel, the status bar's item and the commands, as plugins. */

import { ILayoutRestorer, type JupyterFrontEnd, type JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { IConsoleTracker } from '@jupyterlab/console';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStatusBar } from '@jupyterlab/statusbar';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { IFindings } from '../findings';
import { ILinks } from '../link';
import { Actions } from './actions';
import { addCommands } from './commands';
import { Model } from './model';
import { Panel } from './panel';
import { StatusItem } from './status';

/** Also the name of its settings. */
const ID = 'quixnb:panel';

export const panel: JupyterFrontEndPlugin<void> = {
  id: ID,
  description: 'Shows how the document at hand is connected to Quix, its findings, and the topics.',
  autoStart: true,
  requires: [ILinks],
  optional: [IFindings, INotebookTracker, IConsoleTracker, IStatusBar, ISettingRegistry, ICommandPalette, ILayoutRestorer, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    links: ILinks,
    findings: IFindings | null,
    notebooks: INotebookTracker | null,
    consoles: IConsoleTracker | null,
    statusBar: IStatusBar | null,
    registry: ISettingRegistry | null,
    palette: ICommandPalette | null,
    restorer: ILayoutRestorer | null,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load('quixnb');
    const model = new Model(app.shell, links, findings, notebooks, consoles);
    const actions = new Actions(model, links, trans);
    const side = new Panel(model, actions, findings, trans);
    const open = (): void => app.shell.activateById(side.id);

    app.shell.add(side, 'right', { rank: 900, type: 'Quix' });
    restorer?.add(side, side.id);
    addCommands(app, { model, actions, findings, open, palette, trans });

    const item = new StatusItem(model, open, trans);
    statusBar?.registerStatusItem('quixnb:status', {
      item,
      align: 'left',
      rank: 50,
      isActive: () => item.isActive,
      activeStateChanged: item.activeStateChanged
    });
    registry
      ?.load(ID)
      .then(settings => {
        const read = (): void => {
          item.isWanted = settings.get('statusBar').composite === true;
        };
        settings.changed.connect(read);
        read();
      })
      .catch(error => console.error('quixnb: the settings of the panel were not read', error));
  }
};
