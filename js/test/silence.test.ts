import { json } from '@codemirror/lang-json';
import { javascript } from '@codemirror/lang-javascript';
import { markdown } from '@codemirror/lang-markdown';
import { python } from '@codemirror/lang-python';
import type { Extension } from '@codemirror/state';
import { EditorState } from '@codemirror/state';
import { describe, expect, it } from 'vitest';

import { findTokens } from '../src/detect/search';
import { silencing } from '../src/guard/silence';
import { fakeToken } from './fakes';

function silenced(doc: string, language: Extension, mimeType = 'text/plain'): string | null {
  const state = EditorState.create({ doc, extensions: [language] });
  const change = silencing(state, doc.indexOf('-') + 33, mimeType);
  return change && state.update(change).state.doc.toString();
}

describe('not a token', () => {
  it.each<[string, Extension, string]>([
    ['Python', python(), '  # quixnb: not-a-token'],
    ['JavaScript', javascript(), '  // quixnb: not-a-token'],
    ['Markdown', markdown(), '  <!-- quixnb: not-a-token -->'],
    ['plain text', [], '  # quixnb: not-a-token']
  ])('is said in %s so that the token is found no more', (_, language, comment) => {
    const line = `t = '${fakeToken()}'`;

    const result = silenced(`${line}\nnext`, language);

    expect(result).toBe(`${line}${comment}\nnext`);
    expect(findTokens(result ?? line)).toEqual([]);
  });

  it('is not offered where a comment would break the text', () => {
    expect(silenced(`{"t": "${fakeToken()}"}`, json(), 'application/json')).toBeNull();
    expect(silenced(`t = '${fakeToken()}' + \\\n  ''`, python())).toBeNull();
  });
});
