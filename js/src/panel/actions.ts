/** What the panel's buttons and the commands do. */

import { InputDialog, Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { ILinks } from '../link';
import type { Model } from './model';
import { publishCell, readCell, tailCell, type Written } from './words';

export class Actions {
  constructor(
    private readonly model: Model,
    private readonly links: ILinks,
    private readonly trans: TranslationBundle
  ) {}

  /** Load quixnb in the kernel at hand; true if it is there then. */
  async load(): Promise<boolean> {
    const { kernel } = this.model;
    if (!kernel) {
      return false;
    }
    return this.orSay(() => this.links.load(kernel));
  }

  /** Show the picker in a cell of its own. */
  async chooseToken(): Promise<void> {
    await this.run('%quix_token');
  }

  async startSandbox(): Promise<void> {
    await this.run('%quix_sandbox');
  }

  async check(): Promise<void> {
    await this.orSay(async () => this.model.link?.check());
  }

  async refreshTopics(): Promise<void> {
    await this.model.topics?.load(true);
  }

  /** A cell that publishes a frame to a topic, which is asked for if it is not given. */
  async publish(topic?: string): Promise<void> {
    const name = topic ?? (await this.askForTopic());
    const { document, link } = this.model;
    if (!name || !document) {
      return;
    }
    // A busy kernel does not keep anybody from writing.
    const frames = (await link?.frames().catch(() => [])) ?? [];
    await document.write(publishCell(name, frames, document.source));
  }

  async read(topic: string): Promise<void> {
    await this.model.document?.run(readCell(topic).source);
  }

  async watch(topic: string): Promise<void> {
    await this.model.document?.run(tailCell(topic).source);
  }

  async newTopic(): Promise<void> {
    const source = '%quix_topics --create NAME';
    await this.write({ source, selected: [source.length - 'NAME'.length, source.length] });
  }

  private async write(cell: Written): Promise<void> {
    await this.model.document?.write(cell);
  }

  private async run(magic: string): Promise<void> {
    if (this.model.loaded !== 'no' || (await this.load())) {
      await this.model.document?.run(magic);
    }
  }

  private async askForTopic(): Promise<string | null> {
    const known = this.model.topics?.topics?.map(({ name }) => name) ?? [];
    const { value } = await InputDialog.getItem({
      title: this.trans.__('Publish to which topic?'),
      items: known,
      editable: true,
      okLabel: this.trans.__('Insert cell')
    });
    return value?.trim() || null;
  }

  private async orSay(act: () => Promise<unknown>): Promise<boolean> {
    try {
      await act();
      return true;
    } catch (error) {
      Notification.error((error as Error).message, { autoClose: false });
      return false;
    }
  }
}
