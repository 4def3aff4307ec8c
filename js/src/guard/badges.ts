/** Badges beside cells whose source or output holds a token: classes on the cells, drawn by style/guard.css. */

import type { GuardSettings } from './settings';
import type { Watch } from './watch';
import type { Watches } from './watches';

const IN_SOURCE = 'qnb-hasToken';
const IN_OUTPUT = 'qnb-hasTokenInOutput';

/** Keep the badges of all documents as the findings and the settings are. */
export function keepBadges(watches: Watches, settings: GuardSettings): void {
  const follow = (watch: Watch): void => {
    let badged = new Map<Element, Set<string>>();
    const draw = (): void => {
      const wanted = settings.current.badges ? wantedBy(watch) : new Map<Element, Set<string>>();
      badged.forEach((classes, node) => classes.forEach(each => wanted.get(node)?.has(each) || node.classList.remove(each)));
      wanted.forEach((classes, node) => node.classList.add(...classes));
      badged = wanted;
    };
    watch.changed.connect(draw);
    settings.changed.connect(draw, watch);
    draw();
  };
  watches.all.forEach(follow);
  watches.added.connect((_, watch) => follow(watch));
}

function wantedBy(watch: Watch): Map<Element, Set<string>> {
  const wanted = new Map<Element, Set<string>>();
  for (const { subject, isOutput } of watch.findings) {
    if (subject.widget) {
      const { node } = subject.widget;
      wanted.set(node, (wanted.get(node) ?? new Set()).add(isOutput ? IN_OUTPUT : IN_SOURCE));
    }
  }
  return wanted;
}
