/** Bundles the picker's front end to the one module and the one style sheet that anywidget takes.
 *
 *     node build-picker.mjs            writes quixnb/widgets/static/
 *     node build-picker.mjs --check    says whether what is there is what the sources make
 *
 * What it makes is kept in git, so that the picker works from a checkout on a machine without Node.
 */

import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

import { build } from 'esbuild';

const out = join('..', 'quixnb', 'widgets', 'static');
const { outputFiles } = await build({
  entryPoints: ['src/picker/picker.ts', 'style/picker.css'],
  outdir: out,
  entryNames: '[name]',
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  charset: 'utf8',
  legalComments: 'none',
  write: false
});

if (process.argv.includes('--check')) {
  const old = outputFiles.filter(file => read(file.path) !== file.text).map(file => basename(file.path));
  if (old.length > 0) {
    console.error(`${old.join(', ')} in quixnb/widgets/static is older than its sources: npm run picker`);
    process.exit(1);
  }
} else {
  await mkdir(out, { recursive: true });
  await Promise.all(outputFiles.map(file => writeFile(file.path, file.text)));
}

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
