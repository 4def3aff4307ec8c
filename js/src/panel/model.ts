/** The document at hand and its kernel, as status bar and panel show them. */

import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { ISessionContext } from '@jupyterlab/apputils';
import type { IConsoleTracker } from '@jupyterlab/console';
import type { INotebookTracker } from '@jupyterlab/notebook';
import type { Kernel } from '@jupyterlab/services';
import { Signal, type ISignal } from '@lumino/signaling';

import type { IFindings, PlacedFinding } from '../findings';
import type { ILinks, KernelState, Link, Loaded } from '../link';
import { documentOf, type Document } from './document';
import { TopicList } from './topics';

export class Model {
  constructor(
    private readonly shell: JupyterFrontEnd.IShell,
    private readonly links: ILinks,
    private readonly findingsAtHand: IFindings | null,
    private readonly notebooks: INotebookTracker | null,
    private readonly consoles: IConsoleTracker | null
  ) {
    shell.currentChanged?.connect(this.look);
    links.changed.connect(this.look);
    findingsAtHand?.changed.connect(() => this.signal.emit());
    notebooks?.currentChanged.connect(this.look);
    consoles?.currentChanged.connect(this.look);
    this.look();
  }

  /** Emitted when anything here may be different. */
  get changed(): ISignal<this, void> {
    return this.signal;
  }

  /** The notebook or console in the main area; null for anything else. */
  get document(): Document | null {
    return this.atHand;
  }

  get kernel(): Kernel.IKernelConnection | null {
    return this.context?.session?.kernel ?? null;
  }

  get loaded(): Loaded {
    return this.links.loaded(this.kernel);
  }

  get link(): Link | null {
    return this.linked;
  }

  get state(): KernelState | null {
    return this.linked?.state ?? null;
  }

  get findings(): readonly PlacedFinding[] {
    return this.findingsAtHand?.current ?? [];
  }

  /** The environment's topics as they were last told. */
  get topics(): TopicList | null {
    return this.listed;
  }

  private readonly look = (): void => {
    const document = documentOf(this.shell.currentWidget, this.notebooks, this.consoles);
    this.atHand = document;
    const context = document?.context ?? null;
    if (context !== this.context) {
      this.context?.kernelChanged.disconnect(this.look);
      this.context = context;
      context?.kernelChanged.connect(this.look);
    }
    const link = this.links.to(this.kernel);
    if (link !== this.linked) {
      // A link that is gone has let go of its listeners itself.
      if (this.linked && !this.linked.isDisposed) {
        this.linked.stateChanged.disconnect(this.heard);
      }
      this.linked = link;
      this.listed = link && this.listOf(link);
      link?.stateChanged.connect(this.heard);
      this.listed?.follow();
    }
    this.signal.emit();
  };

  /** A notebook that one comes back to shows what it has shown, while the kernel is asked for news. */
  private listOf(link: Link): TopicList {
    const list = this.lists.get(link) ?? new TopicList(link, () => this.signal.emit());
    this.lists.set(link, list);
    return list;
  }

  private readonly heard = (): void => {
    this.listed?.follow();
    this.signal.emit();
  };

  private readonly signal = new Signal<this, void>(this);
  private atHand: Document | null = null;
  private context: ISessionContext | null = null;
  private linked: Link | null = null;
  private listed: TopicList | null = null;
  private readonly lists = new WeakMap<Link, TopicList>();
}
