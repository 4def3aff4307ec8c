/** The picker's sentences that depend on what there is. */

import type { Place, State, Topic } from './messages';

export function count(number: number, noun: string): string {
  return `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`;
}

/** What the state is, in one sentence, for those who hear it. */
export function spoken(state: State): string {
  switch (state.step) {
    case 'choose':
      return state.problem ? '' : 'Not connected. Paste a token, or choose one.';
    case 'checking':
      return `Checking ${state.checking}…`;
    case 'environments':
      return state.problem ? '' : `The token sees ${count(state.environments.length, 'environment')}. Choose one.`;
    case 'connected': {
      const id = state.connection?.environment.id ?? '';
      return state.topics ? `Connected to ${id}: ${count(state.topics.length, 'topic')}.` : `Connected to ${id}.`;
    }
  }
}

/** The word beside the heading. */
export function health(state: State): { readonly text: string; readonly look: 'good' | 'bad' | 'busy' | 'none' } {
  if (state.step === 'checking') {
    return { text: 'Checking…', look: 'busy' };
  }
  if (state.connection) {
    return { text: 'Connected', look: 'good' };
  }
  return state.problem ? { text: 'Not connected', look: 'bad' } : { text: 'Not connected', look: 'none' };
}

export function topicDetails(topic: Topic): string {
  const ready = topic.status === '' || topic.status === 'Ready' ? '' : topic.status;
  const partitions = topic.partitions === null ? '' : count(topic.partitions, 'partition');
  return [ready, partitions, topic.retention].filter(part => part !== '').join(' · ');
}

export function placeDetails(place: Place): string {
  return place.status === 'Ready' ? '' : place.status;
}

/** How a profile is called, from the environment that it leads to. */
export function profileName(state: State): string {
  const name = (state.connection?.environment.name ?? '').toLowerCase();
  return /^[A-Za-z0-9_-]{1,64}$/.test(name) ? name : '';
}
