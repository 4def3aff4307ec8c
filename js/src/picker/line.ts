/** The line to the kernel: messages there and back, and whether anybody is at the other end. */

import type { AnyModel } from '@anywidget/types';

import { isEnvelope, type Envelope, type Message, type State } from './messages';

/** `waiting`: asked and not yet answered. `silent`: for so long that it has to be said. `gone`: no answer will come. */
export type Liveness = 'waiting' | 'live' | 'silent' | 'gone';

/** A kernel that runs a cell answers when that is over. */
const PATIENCE_MS = 4000;

/** What we use of the manager of JupyterLab and Notebook 7; others have none of it. */
interface Manager {
  readonly kernel?: { readonly connectionStatus?: string } | null;
}

export class Line {
  liveness: Liveness = 'waiting';
  key = '';

  constructor(
    private readonly model: AnyModel,
    private readonly heard: (state: State) => void,
    private readonly changed: () => void
  ) {
    model.on('msg:custom', this.hear);
    // The kernel was restarted or ended: its half of this widget is gone.
    model.on('comm_live_update', this.lose);
    model.on('comm:close', this.lose);
    this.send({ type: 'hello' });
  }

  dispose(): void {
    window.clearTimeout(this.timer);
    this.model.off('msg:custom', this.hear);
    this.model.off('comm_live_update', this.lose);
    this.model.off('comm:close', this.lose);
  }

  readonly send = (message: Message): void => {
    if (this.liveness === 'gone') {
      return;
    }
    this.model.send(message);
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.become('silent'), this.hasKernel() ? PATIENCE_MS : 0);
  };

  private readonly hear = (message: unknown): void => {
    if (isEnvelope(message)) {
      window.clearTimeout(this.timer);
      this.take(message);
    }
  };

  private take({ key, state }: Envelope): void {
    this.key = key;
    // States come from several threads of the kernel, and an old one may come late.
    if (state.number >= this.newest) {
      this.newest = state.number;
      this.heard(state);
    }
    this.become('live');
  }

  private readonly lose = (): void => {
    window.clearTimeout(this.timer);
    this.become('gone');
  };

  private become(liveness: Liveness): void {
    if (liveness !== this.liveness) {
      this.liveness = liveness;
      this.changed();
    }
  }

  private hasKernel(): boolean {
    const manager = this.model.widget_manager as Manager | undefined;
    return manager === undefined || !('kernel' in manager) || manager.kernel != null;
  }

  private timer = 0;
  private newest = -1;
}
