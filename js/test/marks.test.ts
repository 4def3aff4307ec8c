import { EditorState } from '@codemirror/state';
import { describe, expect, it } from 'vitest';

import { findTokens, spansToHide } from '../src/detect/search';
import { marksIn, tokenMarks } from '../src/guard/marks';
import { fakeJwt, fakeToken } from './fakes';

const field = tokenMarks();

function editor(doc: string): EditorState {
  return EditorState.create({ doc, extensions: [field] });
}

function placesIn(state: EditorState): [number, number][] {
  return marksIn(state, field).map(({ from, to }) => [from, to]);
}

function placesFoundIn(text: string): [number, number][] {
  return findTokens(text).map(({ start, end }) => [start, end]);
}

describe('marks', () => {
  it('are there from the start', () => {
    const text = `a = '${fakeToken()}'\nb = '${fakeToken('pat')}'`;

    expect(marksIn(editor(text), field).map(({ kind }) => kind)).toEqual(['sdk', 'pat']);
  });

  it('appear with the last digit and go with the first that is deleted', () => {
    const token = fakeToken();
    let state = editor(`t = '${token.slice(0, -1)}'`);
    expect(placesIn(state)).toEqual([]);

    state = state.update({ changes: { from: 4 + token.length, insert: token.slice(-1) } }).state;
    expect(placesIn(state)).toEqual([[5, 5 + token.length]]);

    state = state.update({ changes: { from: 20, to: 21 } }).state;
    expect(placesIn(state)).toEqual([]);
  });

  it('move with the text before them', () => {
    const token = fakeToken();
    const state = editor(`${'x\n'.repeat(100)}${token}`).update({ changes: { from: 0, insert: 'abc' } }).state;

    expect(placesIn(state)).toEqual([[203, 203 + token.length]]);
  });

  it('go when the line says that it is none, and come back', () => {
    const text = `t = '${fakeToken()}'`;
    const comment = '  # quixnb: not-a-token';
    const silenced = editor(text).update({ changes: { from: text.length, insert: comment } }).state;
    const back = silenced.update({ changes: { from: text.length, to: text.length + comment.length } }).state;

    expect(placesIn(silenced)).toEqual([]);
    expect(placesIn(back)).toHaveLength(1);
  });

  it('are the same after any edits as for the text that these lead to', () => {
    const pieces = [fakeToken(), fakeToken('pat'), fakeJwt({ iss: 'quix' }), "' '", '\n', 'x', '-', ' # quixnb: not-a-token', "'"];
    let state = editor("a = ''\n".repeat(20));
    let seed = 7;
    const next = (below: number): number => (seed = (seed * 48271) % 2147483647) % below;
    for (let step = 0; step < 400; step++) {
      const from = next(state.doc.length + 1);
      const to = Math.min(state.doc.length, from + (step % 3 === 0 ? next(60) : 0));
      state = state.update({ changes: { from, to, insert: pieces[next(pieces.length)] ?? '' } }).state;

      expect(placesIn(state)).toEqual(placesFoundIn(state.doc.toString()));
    }
  });
});

describe('a keystroke', () => {
  it.each([1, 500, 1000])('on line %i of a cell of 1,000 has five lines looked at', number => {
    const line = 'frame["speed"] = frame["speed"].rolling(10).mean()  # km/h';
    const seen: string[] = [];
    const counting = tokenMarks(text => {
      seen.push(text);
      return spansToHide(text);
    });
    const state = EditorState.create({ doc: Array(1000).fill(line).join('\n'), extensions: [counting] });
    state.field(counting);
    seen.length = 0;

    const at = state.doc.line(number).from + 5;
    state.update({ changes: { from: at, insert: 'x' } }).state.field(counting);

    expect(seen).toHaveLength(1);
    expect(seen.join('').length).toBeLessThanOrEqual(5 * (line.length + 1) + 1);
  });

  it('in one line of a megabyte has the text around it looked at, and a token there is found', () => {
    const seen: string[] = [];
    const counting = tokenMarks(text => {
      seen.push(text);
      return spansToHide(text);
    });
    const state = EditorState.create({ doc: 'word '.repeat(200_000), extensions: [counting] });
    state.field(counting);
    seen.length = 0;

    const after = state.update({ changes: { from: 500_000, insert: ` ${fakeToken()} ` } }).state;

    expect(marksIn(after, counting)).toHaveLength(1);
    expect(seen.join('').length).toBeLessThan(25_000);
  });
});
