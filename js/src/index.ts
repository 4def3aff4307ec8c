/** The plugins of quixnb in JupyterLab and Notebook 7. */

import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

import { guard } from './guard/plugin';
import { links } from './link/plugin';
import { panel } from './panel/plugin';

const plugins: JupyterFrontEndPlugin<unknown>[] = [links, guard, panel];

export default plugins;
