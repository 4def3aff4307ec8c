/** The item in the status bar. */

import type { TranslationBundle } from '@jupyterlab/translation';
import { Signal, type ISignal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';

import { quixIcon } from './icon';
import type { Model } from './model';
import { statusOf, type Status } from './words';

export class StatusItem extends Widget {
  constructor(
    private readonly model: Model,
    private readonly open: () => void,
    private readonly trans: TranslationBundle
  ) {
    super();
    this.addClass('qnb-Status');
    this.node.setAttribute('role', 'button');
    this.node.tabIndex = 0;
    this.node.append(quixIcon.element({ tag: 'span', className: 'qnb-Status-icon' }), this.connection, this.found);
    this.connection.className = 'qnb-Status-connection';
    this.found.className = 'qnb-Status-found';
    this.node.addEventListener('click', () => this.open());
    this.node.addEventListener('keydown', event => {
      if (event.key === 'Enter' || event.key === ' ') {
        event.preventDefault();
        this.open();
      }
    });
    model.changed.connect(this.look);
    this.look();
  }

  get isActive(): boolean {
    return this.wanted && this.status !== null;
  }

  /** Whether the user wants to see it. */
  set isWanted(wanted: boolean) {
    const wasActive = this.isActive;
    this.wanted = wanted;
    this.tell(wasActive);
  }

  get activeStateChanged(): ISignal<this, void> {
    return this.activity;
  }

  private readonly look = (): void => {
    const { loaded, state, findings } = this.model;
    const wasActive = this.isActive;
    this.status = statusOf(loaded, state, findings.length, this.trans);
    if (this.status) {
      const { connection, found, title, mood } = this.status;
      this.connection.textContent = connection;
      this.found.textContent = found;
      this.node.title = title;
      this.node.dataset.mood = mood;
    }
    this.tell(wasActive);
  };

  private tell(wasActive: boolean): void {
    if (wasActive !== this.isActive) {
      this.activity.emit();
    }
  }

  private readonly connection = document.createElement('span');
  private readonly found = document.createElement('span');
  private readonly activity = new Signal<this, void>(this);
  private status: Status | null = null;
  private wanted = true;
}
