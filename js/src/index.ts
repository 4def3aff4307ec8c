/** The plugins of quixnb in JupyterLab and Notebook 7. */

import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

import { links } from './link/plugin';

const plugins: JupyterFrontEndPlugin<unknown>[] = [links];

export default plugins;
