/** Keeps the list of findings in one open document: a notebook, a console or a text file. */

import type { Cell } from '@jupyterlab/cells';
import { isCodeCellModel } from '@jupyterlab/cells';
import type { CodeEditor } from '@jupyterlab/codeeditor';
import type { IOutputAreaModel } from '@jupyterlab/outputarea';
import type { PartialJSONValue } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';
import type { Widget } from '@lumino/widgets';

import { findTokens, lineAt } from '../detect/search';
import type { Kind, PlacedFinding } from '../findings';
import { keyOf } from './keys';
import { leavesOf } from './leaves';
import type { Context } from './places';
import type { GuardSettings } from './settings';

/** One text of a document that people edit: a cell, or the whole file. */
export interface Subject {
  readonly model: CodeEditor.IModel;
  /** Null in a text file. */
  readonly widget: Cell | null;
}

/** What a document consists of, and what says that it has changed. */
export interface Subjects {
  list(): readonly Subject[];
  /** Call `changed` with each change from now on; `receiver` is what the signals are connected for. */
  follow(changed: () => void, receiver: object): void;
}

/** A finding and what is needed to reach it. */
export interface Found extends PlacedFinding {
  readonly subject: Subject;
  /** Index of the output; null for one in a source. */
  readonly output: number | null;
  /** The same for the same token, and nothing of it. */
  readonly key: number;
}

type OutputModel = ReturnType<IOutputAreaModel['get']>;

interface Spot {
  readonly kind: Kind;
  readonly line: number;
  readonly key: number;
}

const SOON_MS = 200;
/** Of a document that takes long to look at, so much of the time is left for other things. */
const TIME_SHARE = 10;

/** Looks at a document when it has changed; what has not changed in it is not looked at again. */
export class Watch implements IDisposable {
  findings: readonly Found[] = [];
  isDisposed = false;
  private readonly _changed = new Signal<this, void>(this);
  private readonly _sources = new WeakMap<CodeEditor.IModel, { readonly source: string; readonly spots: Spot[] }>();
  private readonly _outputs = new WeakMap<OutputModel, Spot[]>();
  private _timer = 0;
  private _cost_ms = 0;

  constructor(
    readonly widget: Widget,
    readonly context: Context | null,
    private readonly _subjects: Subjects,
    private readonly _settings: GuardSettings
  ) {
    _subjects.follow(() => this._lookSoon(), this);
    _settings.changed.connect(this._lookSoon, this);
    widget.disposed.connect(this.dispose, this);
    this._lookSoon();
  }

  /** Emitted when a look has found something else than the one before. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get subjects(): readonly Subject[] {
    return this._subjects.list();
  }

  /** Look now. */
  look(): void {
    window.clearTimeout(this._timer);
    this._timer = 0;
    if (this.isDisposed) {
      return;
    }
    const begin = performance.now();
    const found = this.subjects.flatMap((subject, number) => this._lookAt(subject, number));
    this._cost_ms = performance.now() - begin;
    const isSame = found.length === this.findings.length && found.every((each, at) => isEqual(each, this.findings[at]));
    if (!isSame) {
      this.findings = found;
      this._changed.emit();
    }
  }

  dispose(): void {
    if (!this.isDisposed) {
      this.isDisposed = true;
      window.clearTimeout(this._timer);
      this.findings = [];
      this._changed.emit();
      Signal.disconnectReceiver(this);
      Signal.clearData(this);
    }
  }

  private _lookSoon(): void {
    if (this._timer === 0 && !this.isDisposed) {
      this._timer = window.setTimeout(() => this.look(), Math.max(SOON_MS, TIME_SHARE * this._cost_ms));
    }
  }

  private _lookAt(subject: Subject, number: number): Found[] {
    const cell = subject.widget === null ? null : number;
    const sources = this._inSource(subject.model).map(spot => ({ ...spot, cell, subject, isOutput: false, output: null }));
    if (subject.widget === null || !isCodeCellModel(subject.widget.model) || !this._settings.current.outputs) {
      return sources;
    }
    const { outputs } = subject.widget.model;
    outputs.stateChanged.connect(this._forget, this);
    return [
      ...sources,
      ...Array.from({ length: outputs.length }, (_, output) =>
        this._inOutput(outputs.get(output)).map(spot => ({ ...spot, cell, subject, isOutput: true, output }))
      ).flat()
    ];
  }

  private _inSource(model: CodeEditor.IModel): Spot[] {
    const source = model.sharedModel.getSource();
    const known = this._sources.get(model);
    if (known?.source === source) {
      return known.spots;
    }
    const spots = spotsIn(source);
    this._sources.set(model, { source, spots });
    return spots;
  }

  private _inOutput(output: OutputModel): Spot[] {
    let spots = this._outputs.get(output);
    if (spots === undefined) {
      spots = [...leavesOf(output.toJSON() as PartialJSONValue)].flatMap(spotsIn);
      // An error's message is in its traceback again, a result in HTML again as text: one finding for each token.
      spots = spots.filter((spot, at, all) => all.findIndex(({ key }) => key === spot.key) === at);
      this._outputs.set(output, spots);
    }
    return spots;
  }

  private _forget(outputs: IOutputAreaModel, index: number): void {
    if (index < outputs.length) {
      this._outputs.delete(outputs.get(index));
    }
    this._lookSoon();
  }
}

function spotsIn(text: string): Spot[] {
  return findTokens(text).map(({ kind, start, end }) => ({ kind, line: lineAt(text, start), key: keyOf(text.slice(start, end)) }));
}

function isEqual(one: Found, other: Found | undefined): boolean {
  return (
    other !== undefined &&
    one.subject.model === other.subject.model &&
    one.cell === other.cell &&
    one.output === other.output &&
    one.line === other.line &&
    one.kind === other.kind &&
    one.key === other.key
  );
}
