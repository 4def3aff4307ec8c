/** The save guard: asks before a notebook with a token is saved by hand, and leaves a notification of other saves.
 *
 * A save cannot be stopped by `saveState`, and another plugin's command cannot be replaced, so `save` and `saveAs` of
 * each notebook's own context are put behind a question. Both saves by hand and autosaves come through there. A save
 * is by hand while one of JupyterLab's commands that save this document has not ended: the registry says that a
 * command is executed before any promise of it goes on. Everything else (autosave, a save as a tab is closed, other
 * extensions) is never held up. An answer that saves nothing rejects with the error that JupyterLab itself uses for a
 * save that was called off: the document stays marked as changed, and no checkpoint is made.
 *
 * Under real-time collaboration the server writes by itself what is typed; nothing is asked there, only told. What is
 * enforced is enforced by the server's check (`quixnb/server`), whose account is told too, so that nobody is surprised.
 */

import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Dialog, Notification, showDialog } from '@jupyterlab/apputils';
import { PathExt } from '@jupyterlab/coreutils';
import { DocumentWidget } from '@jupyterlab/docregistry';
import { NotebookPanel } from '@jupyterlab/notebook';
import { Widget } from '@lumino/widgets';

import { REPLACEMENT } from '../detect/redact';
import type { CurrentFindings } from './current';
import { element, listOf } from './elements';
import { saveMended } from './fixes';
import type { Mender } from './mend';
import { described } from './mend';
import type { ServerNotices } from './notices';
import type { Context } from './places';
import type { GuardSettings } from './settings';
import type { Found, Watch } from './watch';
import type { Watches } from './watches';
import { counted, kindName } from './words';

const SAVES_CURRENT = new Set(['docmanager:save', 'docmanager:save-as', 'notebook:export-to-format']);
const SAVES_ALL = 'docmanager:save-all';
const MOST_PLACES = 5;
const LONGEST_NAME = 40;

/** What the guard remembers of one notebook, by the keys of tokens. */
interface Memory {
  /** Saved anyway, as the user said. */
  readonly allowed: Set<number>;
  /** The user has been told that these were saved. */
  readonly told: Set<number>;
  /** The server refused to save these. */
  readonly refused: Set<number>;
  /** The server's account that was told last. */
  account: string;
  notification: string;
  asking: Promise<void> | null;
}

/** Guards the saves of all notebooks. */
export class SaveGuard {
  /** Commands that have not ended, with the document that each saves; null stands for all. */
  private readonly _commands = new Map<Promise<unknown>, Context | null>();

  constructor(
    private readonly _app: JupyterFrontEnd,
    private readonly _settings: GuardSettings,
    private readonly _mender: Mender,
    private readonly _current: CurrentFindings,
    private readonly _notices: ServerNotices,
    watches: Watches
  ) {
    _app.commands.commandExecuted.connect((_, { id, result }) => this._note(id, result));
    watches.all.forEach(watch => this._guard(watch));
    watches.added.connect((_, watch) => this._guard(watch));
  }

  private _note(id: string, result: Promise<unknown>): void {
    const { currentWidget } = this._app.shell;
    if (id === SAVES_ALL || (SAVES_CURRENT.has(id) && currentWidget instanceof DocumentWidget)) {
      this._commands.set(result, id === SAVES_ALL ? null : (currentWidget as DocumentWidget).context);
      const forget = (): void => void this._commands.delete(result);
      result.then(forget, forget);
    }
  }

  private _isByHand(context: Context): boolean {
    return [...this._commands.values()].some(each => each === null || each === context);
  }

  private _guard(watch: Watch): void {
    const { context, widget } = watch;
    if (context === null || !(widget instanceof NotebookPanel)) {
      return;
    }
    const memory: Memory = {
      allowed: new Set(),
      told: new Set(),
      refused: new Set(),
      account: '',
      notification: '',
      asking: null
    };
    const save = context.save.bind(context);
    const saveAs = context.saveAs.bind(context);
    context.save = async () => {
      await this._beforeSave(watch, context, memory);
      await save();
    };
    context.saveAs = async () => (await this._beforeSave(watch, context, memory).then(() => true, isCalledOff)) && saveAs();
    void this._notices.latest(context.localPath).then(notice => (memory.account ||= notice?.saved_at ?? ''));
    context.saveState.connect((_, state) => {
      if (state === 'started') {
        watch.look(); // what was typed just now is saved too
        forgetGone(memory, watch.findings);
      } else {
        void this._afterSave(watch, context, memory, state === 'completed');
      }
    });
    watch.changed.connect(() => {
      if (watch.findings.length === 0) {
        dismiss(memory);
      } else if (context.model.collaborative) {
        void this._afterSave(watch, context, memory, true); // the server has written it by now, or will in a second
      }
    });
  }

  /** Let a save go on, perhaps after a question; rejects if it is called off. */
  private async _beforeSave(watch: Watch, context: Context, memory: Memory): Promise<void> {
    await Promise.resolve(); // a command that saves is announced in between
    if (this._settings.current.save === 'off' || watch.isDisposed) {
      return;
    }
    watch.look();
    const isByHand = this._isByHand(context);
    if (!isByHand && watch.findings.some(({ key }) => memory.refused.has(key))) {
      throw calledOff(); // the server would say no again; the notification of that stays
    }
    const isAsked =
      this._settings.current.save === 'ask' &&
      isByHand &&
      !context.model.collaborative &&
      watch.findings.some(({ key }) => !memory.allowed.has(key));
    if (isAsked) {
      memory.asking ??= this._ask(watch, context, memory).finally(() => (memory.asking = null));
      await memory.asking;
    }
  }

  private async _ask(watch: Watch, context: Context, memory: Memory): Promise<void> {
    const { findings } = watch;
    const { button } = await showDialog({
      title: `“${shortName(context.path)}” holds ${counted(findings.length)} in plain text`,
      body: new Places(findings),
      buttons: [
        Dialog.cancelButton({ label: 'Show me', actions: ['show'] }),
        Dialog.warnButton({ label: 'Save anyway', actions: ['save'] }),
        Dialog.okButton({ label: 'Redact and save', actions: ['redact'] })
      ],
      defaultButton: 2
    });
    if (button.actions.includes('redact')) {
      const done = await this._mender.fixAll(watch);
      Notification.success(`Redacted: ${described(done)}`, { autoClose: 8000 });
      return;
    }
    if (button.actions.includes('save')) {
      remember(memory.allowed, findings);
      remember(memory.told, findings);
      return;
    }
    const [first] = findings;
    if (first && button.actions.includes('show')) {
      void this._current.show(watch, first);
    }
    throw calledOff();
  }

  private async _afterSave(watch: Watch, context: Context, memory: Memory, isSaved: boolean): Promise<void> {
    const { findings } = watch;
    const path = context.localPath;
    const notice = await this._notices.latest(path);
    const news = notice?.saved_at === memory.account ? null : notice;
    memory.account = news?.saved_at ?? memory.account;
    if (this._settings.current.save === 'off') {
      return;
    }
    if (!isSaved) {
      if (news?.action === 'not saved') {
        remember(memory.refused, findings);
        this._tell(watch, context, memory, 'is not saved: this server refuses to save tokens in plain text.');
      }
      return;
    }
    memory.refused.clear();
    const redacted = news?.places.filter(place => place.was_redacted).length ?? 0;
    if (findings.some(({ key }) => !memory.told.has(key))) {
      remember(memory.told, findings);
      this._tell(watch, context, memory, account(findings.length, redacted));
    } else if (redacted > 0 && findings.length === 0) {
      Notification.info(`“${shortName(path)}” ${account(0, redacted)}`, { autoClose: 8000 });
    }
  }

  private _tell(watch: Watch, context: Context, memory: Memory, words: string): void {
    const path = context.path;
    const [first] = watch.findings;
    const open = { label: 'Open', callback: () => void this._app.commands.execute('docmanager:open', { path }) };
    const show = { label: 'Show me', callback: () => void (first && this._current.show(watch, first)) };
    const redact: Notification.IAction = {
      label: 'Redact and save',
      displayType: 'accent',
      callback: () => void this._mender.fixAll(watch).then(() => saveMended(context))
    };
    dismiss(memory);
    memory.notification = Notification.warning(`“${shortName(path)}” ${words}`, {
      autoClose: false,
      actions: watch.isDisposed ? [open] : [show, redact]
    });
  }
}

function dismiss(memory: Memory): void {
  if (memory.notification) {
    Notification.dismiss(memory.notification);
    memory.notification = '';
  }
}

function remember(keys: Set<number>, findings: readonly Found[]): void {
  findings.forEach(({ key }) => keys.add(key));
}

/** A token that a save did without, and that is there again later, is news. */
function forgetGone({ allowed, told }: Memory, findings: readonly Found[]): void {
  for (const keys of [allowed, told]) {
    keys.forEach(key => findings.some(found => found.key === key) || keys.delete(key));
  }
}

/** What stands in the notebook, and what became of it in the file. */
function account(found: number, redacted: number): string {
  const left = Math.max(0, found - redacted);
  const byServer = `the server took ${redacted}${left > 0 ? ' more' : ''} out of the file, not out of the open notebook.`;
  const saved = left > 0 ? `was saved with ${counted(left)} in plain text` : 'was saved';
  return redacted > 0 ? `${saved}; ${byServer}` : `${saved}.`;
}

/** A document's name; JupyterLab cuts a notification off at 140 characters, and the end of it matters more. */
function shortName(path: string): string {
  const name = PathExt.basename(path);
  return name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME - 1)}…` : name;
}

/** The places of findings, as the body of the question. */
class Places extends Widget {
  constructor(findings: readonly Found[]) {
    super();
    this.addClass('qnb-Ask');
    const lines = findings.slice(0, MOST_PLACES).map(placeIn);
    if (findings.length > MOST_PLACES) {
      lines.push(`and ${findings.length - MOST_PLACES} more`);
    }
    this.node.append(
      listOf('ul', lines),
      element(
        'p',
        `Redact and save: tokens in code move to the kernel if it is idle and has quixnb loaded; all others become ${REPLACEMENT}.`
      ),
      element('p', 'Show me: nothing is saved, and the first one is selected.'
      )
    );
  }
}

function placeIn({ cell, isOutput, line, kind }: Found): string {
  return `Cell ${(cell ?? 0) + 1}, ${isOutput ? 'output' : `line ${line}`}: ${kindName(kind)}`;
}

/** The error that JupyterLab takes for a save that the user called off. */
function calledOff(): Error {
  const error = new Error('Cancel');
  error.name = 'ModalCancelError';
  return error;
}

/** False for a save that was called off; passes on every other error. */
function isCalledOff(error: Error): false {
  if (error.name === 'ModalCancelError') {
    return false;
  }
  throw error;
}
