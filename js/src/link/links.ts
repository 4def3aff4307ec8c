/** The kernels of this page's notebooks and consoles, and the lines to those that have quixnb loaded. */

import type { ISessionContext } from '@jupyterlab/apputils';
import type { Kernel, KernelMessage } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Signal, type ISignal } from '@lumino/signaling';

import type { ILinks, Link, Loaded } from '../link';
import { KernelLink } from './kernel';
import { TARGET } from './messages';

export class Links implements ILinks {
  constructor(private readonly trans: TranslationBundle) {}

  get changed(): ISignal<this, void> {
    return this.signal;
  }

  to(kernel: Kernel.IKernelConnection | null | undefined): Link | null {
    return (kernel && this.watched.get(kernel.id)?.link) ?? null;
  }

  loaded(kernel: Kernel.IKernelConnection | null | undefined): Loaded {
    return (kernel && this.watched.get(kernel.id)?.loaded) ?? 'never';
  }

  async load(kernel: Kernel.IKernelConnection): Promise<void> {
    const future = kernel.requestExecute({ code: `%load_ext ${TARGET}`, store_history: false });
    const { content } = await future.done;
    if (content.status === 'error') {
      throw new Error(
        content.ename === 'ModuleNotFoundError'
          ? this.trans.__('quixnb is not installed where this kernel runs. Run %pip install quixnb in a cell, and load it again.')
          : `${content.ename}: ${content.evalue}`
      );
    }
  }

  /** Watch whatever kernel a notebook or a console has, for as long as it is open. */
  follow(context: ISessionContext): void {
    const take = (): void => this.watch(context.session?.kernel);
    context.kernelChanged.connect(take);
    take();
  }

  private watch(kernel: Kernel.IKernelConnection | null | undefined): void {
    // Where two widgets share a kernel, only one of their connections has comms: what it hears is for both.
    if (!kernel || kernel.isDisposed || !kernel.handleComms || this.watched.get(kernel.id)?.kernel === kernel) {
      this.signal.emit();
      return;
    }
    const watched = new WatchedKernel(kernel, this.trans, () => this.signal.emit());
    this.watched.get(kernel.id)?.dispose();
    this.watched.set(kernel.id, watched);
    this.signal.emit();
    kernel.disposed.connect(() => {
      watched.dispose();
      if (this.watched.get(kernel.id) === watched) {
        this.watched.delete(kernel.id);
      }
      this.signal.emit();
    });
  }

  private readonly signal = new Signal<this, void>(this);
  private readonly watched = new Map<string, WatchedKernel>();
}

/** One kernel: its link, or what is known of there being none. */
class WatchedKernel {
  constructor(
    readonly kernel: Kernel.IKernelConnection,
    private readonly trans: TranslationBundle,
    private readonly changed: () => void
  ) {
    kernel.registerCommTarget(TARGET, this.opened);
    kernel.statusChanged.connect(this.onStatus);
    kernel.connectionStatusChanged.connect(this.onConnection);
    void this.find();
  }

  link: KernelLink | null = null;
  loaded: Loaded = 'unknown';

  dispose(): void {
    this.kernel.removeCommTarget(TARGET, this.opened);
    this.kernel.statusChanged.disconnect(this.onStatus);
    this.kernel.connectionStatusChanged.disconnect(this.onConnection);
    this.settle(null, 'never');
  }

  /** Look for a line that was there before this page was: after a reload, or that another page has opened. */
  private async find(): Promise<void> {
    const asked = ++this.asked;
    let ids: string[];
    try {
      const { language_info: language } = await this.kernel.info;
      if (language.name !== 'python') {
        this.settle(null, 'never');
        return;
      }
      const reply = await this.kernel.requestCommInfo({ target_name: TARGET });
      ids = reply.content.status === 'ok' ? Object.keys(reply.content.comms) : [];
    } catch {
      // The kernel was restarted or went away meanwhile; what comes next asks again.
      return;
    }
    if (asked !== this.asked || this.kernel.isDisposed) {
      return;
    }
    const id = ids[ids.length - 1];
    if (id === undefined) {
      this.settle(null, 'no');
    } else if (this.link?.commId === id) {
      this.link.greet();
    } else {
      this.attach(this.kernel.createComm(TARGET, id));
    }
  }

  private readonly opened = (comm: Kernel.IComm, _: KernelMessage.ICommOpenMsg): void => this.attach(comm);

  private attach(comm: Kernel.IComm): void {
    this.asked++;
    comm.onClose = () => {
      if (this.link?.commId === comm.commId) {
        this.settle(null, 'no');
      }
    };
    this.settle(new KernelLink(comm, this.trans), 'yes');
  }

  private settle(link: KernelLink | null, loaded: Loaded): void {
    if (link === null && this.link === null && this.loaded === loaded) {
      return;
    }
    const before = this.link;
    this.link = link;
    this.loaded = loaded;
    before?.dispose();
    this.changed();
  }

  private readonly onStatus = (_: unknown, status: Kernel.Status): void => {
    if (status === 'restarting' || status === 'autorestarting') {
      this.asked++;
      this.settle(null, 'unknown');
    } else if (status === 'dead' || status === 'terminating') {
      this.asked++;
      this.settle(null, 'never');
    }
  };

  private readonly onConnection = (_: unknown, status: Kernel.ConnectionStatus): void => {
    // Also after a restart. What a kernel says while the page does not listen is lost.
    if (status === 'connected') {
      void this.find();
    }
  };

  /** Which search is the latest: an answer that comes after something else has happened counts for nothing. */
  private asked = 0;
}
