/** What the guard has found in the document at hand; the status bar and the panel show it. */

import { Token } from '@lumino/coreutils';
import type { ISignal } from '@lumino/signaling';

/** What a token is, by its looks; the words of `quixnb.detect`. */
export type Kind = 'sdk' | 'pat' | 'jwt' | 'jwt_generic';

/** A token's place in a document: never a character of it. */
export interface PlacedFinding {
  readonly kind: Kind;
  /** Whether a kernel wrote the text that it is in. */
  readonly isOutput: boolean;
  /** Index of the cell from 0; null in a text file. */
  readonly cell: number | null;
  /** Line in the cell, the output or the file, from 1. */
  readonly line: number;
}

/** The findings of the document that is current in the main area: a notebook, a console or a text file. */
export interface IFindings {
  /** In the document's order. */
  readonly current: readonly PlacedFinding[];
  readonly changed: ISignal<IFindings, void>;
  /** Scroll to a finding and select it. */
  reveal(finding: PlacedFinding): void;
  /** Take a token out: of a source by moving it to the kernel, of an output by redacting it. */
  fix(finding: PlacedFinding): Promise<void>;
}

export const IFindings = new Token<IFindings>('quixnb:IFindings', 'What the guard has found in the current document.');
