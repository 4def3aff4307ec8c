/** The line to quixnb in one kernel. */

import type { Kernel } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import { UUID, type JSONObject, type JSONValue } from '@lumino/coreutils';
import { Signal, type ISignal } from '@lumino/signaling';

import type { KernelState, Link, Topic } from '../link';
import { canSeal, seal } from '../seal';
import { edited, understood, type Ask, type Edit, type Welcome } from './messages';

/** How long a kernel may take; one that runs a cell, and has no subshells, answers when the cell is done. */
const AT_ONCE_MS = 10_000;
/** The same where it asks the portal, which is tried for half a minute, and the broker. */
const FROM_AFAR_MS = 60_000;

interface Waiting {
  resolve(answer: JSONValue): void;
  reject(error: Error): void;
}

export class KernelLink implements Link {
  constructor(
    private readonly comm: Kernel.IComm,
    private readonly trans: TranslationBundle
  ) {
    comm.onMsg = message => this.receive(message.content.data as JSONObject);
    this.greet();
  }

  get commId(): string {
    return this.comm.commId;
  }

  get state(): KernelState | null {
    return this.latest;
  }

  get stateChanged(): ISignal<this, void> {
    return this.changed;
  }

  get isDisposed(): boolean {
    return this.gone;
  }

  /** Say hello, again where messages may have been missed; the answer brings the key and the state. */
  greet(): void {
    // A busy kernel answers when it has time. There is nobody who waits for it.
    this.welcome = this.request('hello', {}, null).then(answer => {
      const welcome = answer as unknown as Welcome;
      this.take(welcome.state);
      return welcome;
    });
    this.welcome.catch(() => undefined);
  }

  async check(): Promise<void> {
    await this.request('check', {}, FROM_AFAR_MS);
  }

  async topics(refresh = false): Promise<readonly Topic[]> {
    return (await this.request('topics', { refresh }, FROM_AFAR_MS)) as unknown as Topic[];
  }

  async frames(): Promise<readonly string[]> {
    return (await this.request('frames', {}, AT_ONCE_MS)) as string[];
  }

  async moveTokens(source: string): Promise<string> {
    if (!canSeal()) {
      throw new Error(
        this.trans.__(
          'A browser encrypts on https and on localhost only, and a token is not sent without. Put %%quix_fix on the cell’s first line and run it.'
        )
      );
    }
    const { key } = await this.within(AT_ONCE_MS, this.welcome);
    const sealed = await seal(source, key);
    const edits = (await this.request('moveTokens', { sealed }, AT_ONCE_MS)) as unknown as Edit[];
    return edited(source, edits);
  }

  dispose(): void {
    if (this.gone) {
      return;
    }
    this.gone = true;
    for (const { reject } of this.waiting.values()) {
      reject(new Error(this.trans.__('The kernel was restarted or shut down, or quixnb was unloaded in it.')));
    }
    this.waiting.clear();
    this.comm.dispose();
    Signal.clearData(this);
  }

  private request(ask: Ask, details: JSONObject, patienceMs: number | null): Promise<JSONValue> {
    const id = UUID.uuid4();
    const answer = new Promise<JSONValue>((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      if (this.gone || this.comm.isDisposed) {
        reject(new Error(this.trans.__('The line to the kernel is closed.')));
        return;
      }
      // What goes wrong on the way is seen as an answer that does not come.
      this.comm.send({ ...details, id, ask }).done.catch(() => undefined);
    }).finally(() => this.waiting.delete(id));
    return patienceMs === null ? answer : this.within(patienceMs, answer);
  }

  private within<T>(patienceMs: number, answer: Promise<T>): Promise<T> {
    let timer: ReturnType<typeof setTimeout>;
    const tired = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () =>
          reject(
            new Error(
              this.trans.__('The kernel has not answered for %1 s. It may be running a cell: try again when it is idle.', patienceMs / 1000)
            )
          ),
        patienceMs
      );
    });
    return Promise.race([answer, tired]).finally(() => clearTimeout(timer));
  }

  private receive(data: JSONObject): void {
    const message = understood(data);
    if (message?.kind === 'state') {
      this.take(message.state);
    } else if (message?.kind === 'answer') {
      this.waiting.get(message.id)?.resolve(message.answer);
    } else if (message?.kind === 'problem') {
      this.waiting.get(message.id)?.reject(new Error(message.problem));
    }
  }

  private take(state: KernelState): void {
    this.latest = state;
    this.changed.emit();
  }

  private readonly changed = new Signal<this, void>(this);
  /** Requests that have no answer yet; other pages' answers come by as well, and find nothing here. */
  private readonly waiting = new Map<string, Waiting>();
  private welcome!: Promise<Welcome>;
  private latest: KernelState | null = null;
  private gone = false;
}
