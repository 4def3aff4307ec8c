/** Marks tokens in an editor as they appear; of a change only the lines around it are looked at. */

import type { EditorState, Text, Transaction } from '@codemirror/state';
import { RangeSet, StateField } from '@codemirror/state';
import type { DecorationSet } from '@codemirror/view';
import { Decoration, EditorView } from '@codemirror/view';

import { isSilenced } from '../detect/patterns';
import type { Span } from '../detect/search';
import { spansToHide } from '../detect/search';
import type { Kind } from '../findings';
import { kindName } from './words';

/** A token's mark in an editor. */
export interface Mark {
  readonly from: number;
  readonly to: number;
  readonly kind: Kind;
}

interface Range {
  readonly from: number;
  readonly to: number;
}

/** Lines before and behind a change that a token in several literals can reach over. */
const LINES_AROUND = 2;
/** A line of a minified file can be a megabyte; so much of it is looked at on both sides of a change. */
const CHARACTERS_AROUND = 10_000;

/** The marks of an editor's text.
 *
 * @param find - what looks for tokens; the tests count what it is shown
 */
export function tokenMarks(find: (text: string) => readonly Span[] = spansToHide): StateField<DecorationSet> {
  const inside = ({ from, to }: Range, doc: Text): DecorationSet =>
    RangeSet.of(
      find(doc.sliceString(from, to))
        .map(({ start, end, kind, isDoubtful }) => ({ from: from + start, to: from + end, kind, isDoubtful }))
        .filter(mark => !mark.isDoubtful && !isSilenced(linesOf(doc, mark)))
        .map(mark => decorations[mark.kind].range(mark.from, mark.to))
    );
  return StateField.define<DecorationSet>({
    create: ({ doc }) => inside({ from: 0, to: doc.length }, doc),
    update: (marks, transaction) => {
      if (!transaction.docChanged) {
        return marks;
      }
      const doc = transaction.newDoc;
      let result = marks.map(transaction.changes);
      for (const touched of changedRanges(transaction)) {
        const range = withMarks(touched, result);
        result = result.update({ filterFrom: range.from, filterTo: range.to, filter: () => false });
        const found: ReturnType<Decoration['range']>[] = [];
        inside(range, doc).between(range.from, range.to, (from, to, mark) => void found.push(mark.range(from, to)));
        result = result.update({ add: found });
      }
      return result;
    },
    provide: field => EditorView.decorations.from(field)
  });
}

/** The marks, in order. */
export function marksIn(state: EditorState, field: StateField<DecorationSet>): Mark[] {
  const found: Mark[] = [];
  state.field(field, false)?.between(0, state.doc.length, (from, to, decoration) => {
    found.push({ from, to, kind: decoration.spec.kind as Kind });
  });
  return found;
}

/** What a change makes necessary to look at again: whole lines, as far as those are no megabytes. */
function changedRanges({ changes, newDoc }: Transaction): Range[] {
  const ranges: { from: number; to: number }[] = [];
  changes.iterChangedRanges((_fromBefore, _toBefore, from, to) => {
    const first = newDoc.line(Math.max(1, newDoc.lineAt(from).number - LINES_AROUND)).from;
    const last = newDoc.line(Math.min(newDoc.lines, newDoc.lineAt(to).number + LINES_AROUND)).to;
    const range = { from: Math.max(first, from - CHARACTERS_AROUND), to: Math.min(last, to + CHARACTERS_AROUND) };
    const previous = ranges.at(-1);
    if (previous && range.from <= previous.to) {
      previous.to = Math.max(previous.to, range.to);
    } else {
      ranges.push(range);
    }
  });
  return ranges;
}

/** The range, and the marks that reach into it: those are decided anew. */
function withMarks(range: Range, marks: DecorationSet): Range {
  let { from, to } = range;
  marks.between(from, to, (start, end) => {
    from = Math.min(from, start);
    to = Math.max(to, end);
  });
  return { from, to };
}

function linesOf(doc: Text, { from, to }: Range): string {
  return doc.sliceString(doc.lineAt(from).from, doc.lineAt(to).to);
}

function decoration(kind: Kind): Decoration {
  const description = `${kindName(kind)} in plain text. Ctrl+Alt+K shows what can be done.`;
  return Decoration.mark({ class: 'qnb-Token', attributes: { 'aria-description': description }, kind });
}

const decorations: Readonly<Record<Kind, Decoration>> = {
  sdk: decoration('sdk'),
  pat: decoration('pat'),
  jwt: decoration('jwt'),
  jwt_generic: decoration('jwt_generic')
};
