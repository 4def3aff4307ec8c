/** Filtering a list as its search field is typed into. */

/** The items with every word of `query` in one of their texts, in any case; their order stays. */
export function matching<T>(items: readonly T[], query: string, texts: (item: T) => readonly string[]): readonly T[] {
  const words = query.toLowerCase().split(/\s+/).filter(word => word !== '');
  if (words.length === 0) {
    return items;
  }
  return items.filter(item => {
    const lower = texts(item).map(text => text.toLowerCase());
    return words.every(word => lower.some(text => text.includes(word)));
  });
}

/** Consecutive items of the same group, with the group's name. */
export function grouped<T>(items: readonly T[], group: (item: T) => string): readonly (readonly [string, readonly T[]])[] {
  const groups: [string, T[]][] = [];
  for (const item of items) {
    const name = group(item);
    const last = groups[groups.length - 1];
    if (last !== undefined && last[0] === name) {
      last[1].push(item);
    } else {
      groups.push([name, [item]]);
    }
  }
  return groups;
}

/** The place `step` further in a list of `length`, stopping at its ends; -1 is none. */
export function moved(at: number, step: number, length: number): number {
  return length === 0 ? -1 : Math.min(Math.max(at + step, 0), length - 1);
}
