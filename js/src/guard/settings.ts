/** The user's settings of the guard, as they are now. */

import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

/** What the user can set; `schema/guard.json` describes each. */
export interface Settings {
  readonly typing: boolean;
  readonly badges: boolean;
  readonly outputs: boolean;
  readonly save: 'ask' | 'warn' | 'off';
}

const DEFAULTS: Settings = { typing: true, badges: true, outputs: true, save: 'ask' };

/** The settings, which follow the registry; without one they are the defaults. */
export class GuardSettings {
  private _current = DEFAULTS;
  private readonly _changed = new Signal<this, void>(this);

  get current(): Settings {
    return this._current;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Read the settings of a plugin, and follow them. */
  async follow(registry: ISettingRegistry, plugin: string): Promise<void> {
    const settings = await registry.load(plugin);
    const take = (): void => {
      this._current = { ...DEFAULTS, ...(settings.composite as Partial<Settings>) };
      this._changed.emit();
    };
    settings.changed.connect(take);
    take();
  }
}
