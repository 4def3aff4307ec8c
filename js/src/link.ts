/** The line to quixnb in a notebook's kernel, and what it says of its connection. */

import type { Kernel } from '@jupyterlab/services';
import { Token } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';

/** How a kernel is connected to Quix; what `%quix_status` shows. No character of a token is in it. */
export interface KernelState {
  /** `none`: quixnb is loaded, and not connected. `problem`: the portal refused the token, or cannot be reached. */
  readonly health: 'connected' | 'problem' | 'none';
  readonly environment: string | null;
  /** Kind and source of the token, for people: `streaming token from Quix__Sdk__Token`. */
  readonly token: string | null;
  readonly portal: string | null;
  readonly profile: string | null;
  /** When the portal last accepted the token, ISO 8601. */
  readonly checkedAt: string | null;
  /** What is wrong, and what to do about it; empty where nothing is. */
  readonly problem: string;
  readonly advice: string;
}

export interface Topic {
  readonly name: string;
  readonly id: string;
  readonly partitions: number | null;
  readonly retention: string;
  readonly status: string;
}

/** A connection to quixnb in one kernel. Its promises reject with an Error whose message is for people. */
export interface Link extends IDisposable {
  /** Null until the kernel has said it. */
  readonly state: KernelState | null;
  readonly stateChanged: ISignal<Link, void>;
  /** Ask the portal and the broker now; what is wrong is then in the state. Connects where there is no connection. */
  check(): Promise<void>;
  topics(refresh?: boolean): Promise<readonly Topic[]>;
  /** Names of the variables that hold a frame, in the order in which they were made. */
  frames(): Promise<readonly string[]>;
  /** A cell's source without the tokens in it, which the kernel keeps by name from now on; sealed on its way there.
   *
   * Rejects with a sentence for people where a token stands so that no code can take its place.
   */
  moveTokens(source: string): Promise<string>;
}

/** Whether quixnb is loaded in a kernel; `unknown` until the kernel has said so, which a busy one does later.
 * `never`: there is no kernel, or it does not run Python.
 */
export type Loaded = 'yes' | 'no' | 'unknown' | 'never';

/** The links of all kernels that this page's notebooks and consoles have. */
export interface ILinks {
  /** The link to a kernel that has quixnb loaded; null for one that has not, or has not said so yet. */
  to(kernel: Kernel.IKernelConnection | null | undefined): Link | null;
  loaded(kernel: Kernel.IKernelConnection | null | undefined): Loaded;
  /** Run `%load_ext quixnb` in a kernel. Rejects where quixnb is not installed beside it. */
  load(kernel: Kernel.IKernelConnection): Promise<void>;
  /** Emitted when a kernel gets or loses its link, or has said that it has none. */
  readonly changed: ISignal<ILinks, void>;
}

export const ILinks = new Token<ILinks>('quixnb:ILinks', 'The lines to quixnb in the kernels.');
