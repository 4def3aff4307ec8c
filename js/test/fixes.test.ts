import { YFile } from '@jupyter/ydoc';
import { describe, expect, it } from 'vitest';

import { REPLACEMENT } from '../src/detect/redact';
import { spansToHide } from '../src/detect/search';
import { replaceByPlaceholder } from '../src/guard/fixes';
import { keyOf } from '../src/guard/keys';
import { leavesOf, redacted } from '../src/guard/leaves';
import { fakeToken, MARKER } from './fakes';

function file(source: string): YFile {
  const made = new YFile();
  made.setSource(source);
  made.clearUndoHistory();
  return made;
}

describe('a placeholder', () => {
  it('takes the place of the one token that is meant, wherever it stands by now', () => {
    const [first, second] = [fakeToken(), fakeToken()];
    const text = file(`a = '${first}'\nb = '${second}'\n`);

    text.updateSource(0, 0, '# a line more\n');
    replaceByPlaceholder(text, keyOf(second));

    expect(text.getSource()).toBe(`# a line more\na = '${first}'\nb = '${REPLACEMENT}'\n`);
  });

  it.each([0, 1, 36])('is not undone, also where the last %i characters of the token were typed', typed => {
    const token = fakeToken();
    const text = file(token.slice(0, 36 - typed) + "'");
    text.updateSource(36 - typed, 36 - typed, token.slice(36 - typed));

    replaceByPlaceholder(text, keyOf(token));
    while (text.canUndo()) {
      text.undo();
      expect(text.getSource()).not.toContain(MARKER);
    }
    while (text.canRedo()) {
      text.redo();
      expect(text.getSource()).not.toContain(MARKER);
    }
  });

  it('leaves a text alone that has no such token any more', () => {
    const text = file('a = 1');

    replaceByPlaceholder(text, keyOf(fakeToken()));

    expect(text.getSource()).toBe('a = 1');
  });
});

describe('keys', () => {
  it('tell tokens apart, and are the same for the same one', () => {
    const tokens = Array.from({ length: 10_000 }, () => fakeToken());

    expect(new Set(tokens.map(keyOf)).size).toBe(tokens.length);
    expect(tokens.map(keyOf)).toEqual(tokens.map(keyOf));
  });
});

describe('an output', () => {
  const token = fakeToken();
  const outputs = {
    stream: { output_type: 'stream', name: 'stdout', text: `connecting with ${token}\n` },
    result: {
      output_type: 'execute_result',
      execution_count: 1,
      data: { 'text/plain': [`'${token}`, `'`], 'text/html': `<b>${token.slice(0, 9)}</b><b>${token.slice(9)}</b>` },
      metadata: {}
    },
    json: {
      output_type: 'display_data',
      data: { 'application/json': { [token]: [1, { deep: `x${'-'.repeat(3)} ${token}` }] } },
      metadata: { note: token }
    },
    error: { output_type: 'error', ename: 'E', evalue: token, traceback: ['one', `\u001b[31m${token.slice(0, 7)}\u001b[0m${token.slice(7)}`] }
  };

  it.each(Object.entries(outputs))('of kind %s has none any more, and is otherwise what it was', (_, output) => {
    const before = JSON.stringify(output);

    const after = JSON.stringify(redacted(output));

    expect(after).not.toContain(MARKER);
    expect(after.split(REPLACEMENT).length).toBeGreaterThan(1);
    expect(Object.keys(JSON.parse(after) as object)).toEqual(Object.keys(output));
    expect(JSON.stringify(output)).toBe(before);
    expect([...leavesOf(redacted(output))].flatMap(spansToHide)).toEqual([]);
  });

  it('without a token is the same', () => {
    const output = { output_type: 'stream', name: 'stdout', text: ['a\n', 'b'], n: 1, none: null };

    expect(redacted(output)).toEqual(output);
  });

  it('that is a picture is left as it is, and not looked at', () => {
    const picture = { 'image/png': `iVBOR ${token}` };

    expect(redacted(picture)).toEqual(picture);
    expect([...leavesOf(picture)]).toEqual(['image/png']);
  });
});
