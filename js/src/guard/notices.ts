/** What quixnb's check on save, in the server, did to a document. */

import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

/** The server's account of one save; no token is in it. */
export interface Notice {
  readonly path: string;
  /** `redacted`, `redacted in outputs, saved in sources`, `saved as they are`, `not saved`, … */
  readonly action: string;
  readonly places: readonly { readonly place: string; readonly was_redacted: boolean }[];
  readonly saved_at: string;
}

/** Asks this page's own server; one without the check is asked once. */
export class ServerNotices {
  private _isThere = true;

  constructor(private readonly _settings: ServerConnection.ISettings) {}

  /** The account of the latest save of a document, if that found something. */
  async latest(path: string): Promise<Notice | null> {
    if (!this._isThere) {
      return null;
    }
    try {
      const address = `${URLExt.join(this._settings.baseUrl, 'quixnb/api/saves')}${URLExt.objectToQueryString({ path })}`;
      const response = await ServerConnection.makeRequest(address, {}, this._settings);
      this._isThere = response.status !== 404;
      const { notices } = response.ok ? ((await response.json()) as { notices: Notice[] }) : { notices: [] };
      return notices[notices.length - 1] ?? null;
    } catch {
      return null; // the server is gone, which JupyterLab says itself
    }
  }
}
