/** Says of a line that there is no token in it, in the comment of its language. */

import type { EditorState, TransactionSpec } from '@codemirror/state';

const WORDS = 'quixnb: not-a-token';

interface CommentTokens {
  readonly line?: string;
  readonly block?: { readonly open: string; readonly close: string };
}

/** The change that silences the line on which a token ends; null if no comment can stand there. */
export function silencing(state: EditorState, end: number, mimeType: string): TransactionSpec | null {
  const line = state.doc.lineAt(end);
  const comment = commentIn(state, end);
  const isNoPlace = /json/.test(mimeType) || line.text.endsWith('\\');
  return comment === null || isNoPlace ? null : { changes: { from: line.to, insert: `  ${comment}` } };
}

function commentIn(state: EditorState, place: number): string | null {
  const [tokens] = state.languageDataAt<CommentTokens>('commentTokens', place);
  if (tokens?.line === '//') {
    return `// ${WORDS}`;
  }
  if (tokens?.block?.open === '<!--') {
    return `<!-- ${WORDS} -->`;
  }
  // A plain text has no comments, and a hash says it well enough.
  return tokens?.line === '#' || tokens === undefined ? `# ${WORDS}` : null;
}
