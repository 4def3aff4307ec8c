/** The sign of quixnb in sidebar, status bar and menus: a Q whose tail goes on as a stream. */

import { LabIcon } from '@jupyterlab/ui-components';

export const quixIcon = new LabIcon({
  name: 'quixnb:quix',
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" width="16" height="16">
  <g class="jp-icon3" fill="#616161">
    <path d="M11 3a8 8 0 1 0 4.6 14.55l-1.85-1.6A5.6 5.6 0 1 1 16.6 11c0 1.1-.32 2.13-.87 3l1.83 1.58A8 8 0 0 0 11 3z"/>
    <path d="M10.4 11.4a1.2 1.2 0 0 1 1.7-.12l2.5 2.17 1.84 1.59 3.2 2.77 1.4 1.2a1.2 1.2 0 0 1-1.57 1.82l-9-7.73a1.2 1.2 0 0 1-.07-1.7z"/>
  </g>
</svg>`
});
