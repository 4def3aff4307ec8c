/** The guard as a plugin: marks while typing, badges, the list of findings, the check on save. */

import type { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import { IEditorExtensionRegistry } from '@jupyterlab/codemirror';
import { IConsoleTracker } from '@jupyterlab/console';
import { IEditorTracker } from '@jupyterlab/fileeditor';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';

import { IFindings } from '../findings';
import { ILinks } from '../link';
import { keepBadges } from './badges';
import { CurrentFindings } from './current';
import { Mender } from './mend';
import { ServerNotices } from './notices';
import { SaveGuard } from './saves';
import { GuardSettings } from './settings';
import { TypingGuard } from './typing';
import { Watches } from './watches';

const ID = 'quixnb:guard';
const ACTIONS = 'quixnb:token-actions';

export const guard: JupyterFrontEndPlugin<IFindings> = {
  id: ID,
  description: 'Marks Quix tokens in editors, cells and outputs, and asks before they are saved.',
  autoStart: true,
  provides: IFindings,
  requires: [IEditorExtensionRegistry],
  optional: [INotebookTracker, IConsoleTracker, IEditorTracker, ILinks, ISettingRegistry, ICommandPalette],
  activate: (
    app,
    editors: IEditorExtensionRegistry,
    notebooks: INotebookTracker | null,
    consoles: IConsoleTracker | null,
    files: IEditorTracker | null,
    links: ILinks | null,
    registry: ISettingRegistry | null,
    palette: ICommandPalette | null
  ): IFindings => {
    const trackers = { notebooks, consoles, files };
    const settings = new GuardSettings();
    const mender = new Mender(trackers, links);
    const typing = new TypingGuard(editors, mender, settings);
    const watches = new Watches(trackers, settings);
    const current = new CurrentFindings(app.shell, watches, mender, files);
    keepBadges(watches, settings);
    new SaveGuard(app, settings, mender, current, new ServerNotices(app.serviceManager.serverSettings), watches);
    if (registry) {
      settings.follow(registry, ID).catch(error => console.error('quixnb: the settings of the guard were not read', error));
    }
    app.commands.addCommand(ACTIONS, {
      label: 'What to Do about the Quix Token at the Cursor',
      caption: 'Open the tooltip of the token at the cursor, else go to the first token of this document',
      execute: () => {
        const inNotebook = notebooks?.currentWidget === app.shell.currentWidget ? notebooks?.activeCell?.node : null;
        const opened = typing.openTipIn(document.activeElement?.closest('.cm-editor') ?? inNotebook ?? null);
        const [first] = current.current;
        if (!opened && first) {
          current.reveal(first);
        } else if (!opened) {
          Notification.info('There is no Quix token in plain text here.', { autoClose: 3000 });
        }
      }
    });
    palette?.addItem({ command: ACTIONS, category: 'Quix' });
    return current;
  }
};
