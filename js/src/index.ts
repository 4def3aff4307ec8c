/** The plugins of quixnb in JupyterLab and Notebook 7. */

import type { JupyterFrontEndPlugin } from '@jupyterlab/application';

import { guard } from './guard/plugin';

const plugins: JupyterFrontEndPlugin<unknown>[] = [guard];

export default plugins;
