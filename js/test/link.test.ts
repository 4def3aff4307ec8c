import { describe, expect, it } from 'vitest';

import { edited, understood } from '../src/link/messages';

describe('an edit', () => {
  it('replaces the lines that it names, and no others', () => {
    const edits = [
      { from: 0, to: 0, lines: ['import quixnb'] },
      { from: 1, to: 2, lines: ['key = quixnb.token("key")'] }
    ];

    expect(edited('a = 1\nkey = "…"\nb = 2', edits)).toBe('import quixnb\na = 1\nkey = quixnb.token("key")\nb = 2');
  });

  it('may take lines away, and may be none', () => {
    expect(edited('a\nb\nc', [{ from: 1, to: 3, lines: [] }])).toBe('a');
    expect(edited('a\nb', [])).toBe('a\nb');
  });
});

describe('a message', () => {
  it('is a state, an answer or a problem', () => {
    expect(understood({ state: { health: 'none' } })).toEqual({ kind: 'state', state: { health: 'none' } });
    expect(understood({ id: '1', answer: [] })).toEqual({ kind: 'answer', id: '1', answer: [] });
    expect(understood({ id: '1', answer: null })).toEqual({ kind: 'answer', id: '1', answer: null });
    expect(understood({ id: '1', problem: 'No.' })).toEqual({ kind: 'problem', id: '1', problem: 'No.' });
  });

  it('of another version is left alone', () => {
    expect(understood({})).toBeNull();
    expect(understood({ id: '1' })).toBeNull();
    expect(understood({ answer: 1 })).toBeNull();
  });
});
