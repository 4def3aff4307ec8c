/** The commands of menus and palette. */

import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { ICommandPalette } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { IFindings } from '../findings';
import type { Actions } from './actions';
import { quixIcon } from './icon';
import type { Model } from './model';

/** Also named in `schema/panel.json`, for the menu. */
export const Commands = {
  open: 'quixnb:open-panel',
  load: 'quixnb:load',
  chooseToken: 'quixnb:choose-token',
  check: 'quixnb:check',
  publish: 'quixnb:insert-publish',
  scan: 'quixnb:scan'
} as const;

interface Needs {
  readonly model: Model;
  readonly actions: Actions;
  readonly findings: IFindings | null;
  readonly open: () => void;
  readonly palette: ICommandPalette | null;
  readonly trans: TranslationBundle;
}

export function addCommands({ commands }: JupyterFrontEnd, needs: Needs): void {
  const { model, actions, findings, open, palette, trans } = needs;
  const isPython = (): boolean => model.document !== null && model.loaded !== 'never';

  commands.addCommand(Commands.open, {
    label: trans.__('Show Panel'),
    caption: trans.__('Show the connection to Quix, the tokens in this document, and the topics'),
    icon: quixIcon,
    execute: open
  });
  commands.addCommand(Commands.load, {
    label: trans.__('Load quixnb in This Kernel'),
    caption: trans.__('Run %load_ext quixnb in the kernel of this notebook or console'),
    isEnabled: () => model.loaded === 'no',
    execute: () => actions.load()
  });
  commands.addCommand(Commands.chooseToken, {
    label: trans.__('Choose a Token…'),
    caption: trans.__('Run %quix_token in a new cell'),
    isEnabled: isPython,
    execute: () => actions.chooseToken()
  });
  commands.addCommand(Commands.check, {
    label: trans.__('Check the Connection'),
    caption: trans.__('Ask the portal and the broker now'),
    isEnabled: () => model.link !== null,
    execute: async () => {
      open();
      await actions.check();
    }
  });
  commands.addCommand(Commands.publish, {
    label: trans.__('Insert Publish Cell…'),
    caption: trans.__('Write a cell that publishes a frame to a topic'),
    isEnabled: isPython,
    execute: ({ topic }) => actions.publish(typeof topic === 'string' ? topic : undefined)
  });
  if (findings) {
    commands.addCommand(Commands.scan, {
      label: trans.__('Scan This Document for Tokens'),
      caption: trans.__('List the tokens in plain text, and go to the first'),
      execute: () => {
        open();
        const [first] = findings.current;
        if (first) {
          findings.reveal(first);
        }
      }
    });
  }
  const added = Object.values(Commands).filter(command => commands.hasCommand(command));
  model.changed.connect(() => added.forEach(command => commands.notifyCommandChanged(command)));
  added.forEach(command => palette?.addItem({ command, category: trans.__('Quix') }));
}
