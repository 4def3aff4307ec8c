/** The side panel. */

import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { Message } from '@lumino/messaging';
import * as React from 'react';

import type { IFindings } from '../findings';
import type { Actions } from './actions';
import { quixIcon } from './icon';
import type { Model } from './model';
import { PanelView } from './view';

export class Panel extends ReactWidget {
  constructor(
    private readonly model: Model,
    private readonly actions: Actions,
    private readonly findings: IFindings | null,
    private readonly trans: TranslationBundle
  ) {
    super();
    this.id = 'quixnb-panel';
    this.addClass('qnb-Panel');
    this.title.icon = quixIcon;
    this.title.caption = trans.__('Quix');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', trans.__('Quix'));
    this.node.tabIndex = -1;
  }

  protected override render(): JSX.Element {
    return (
      <UseSignal signal={this.model.changed}>
        {() => <PanelView model={this.model} actions={this.actions} findings={this.findings} trans={this.trans} />}
      </UseSignal>
    );
  }

  protected override onActivateRequest(_: Message): void {
    this.node.focus();
  }
}
