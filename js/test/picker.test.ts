import { describe, expect, it } from 'vitest';

import { grouped, matching, moved } from '../src/picker/filter';
import { isEnvelope, type Connection, type State } from '../src/picker/messages';
import { count, health, profileName, spoken, topicDetails } from '../src/picker/words';

const CONNECTION: Connection = {
  kind: 'streaming token',
  source: 'pasted',
  expires: '',
  advice: '',
  environment: { id: 'acme-f1-dev', name: 'dev', project: 'acme-f1', status: 'Ready' },
  portal: 'portal.example',
  profile: '',
  sees_more: false,
  keeping: 'store'
};

const STATE: State = {
  number: 1,
  step: 'choose',
  portal: 'portal.example',
  checking: '',
  problem: null,
  sources: [],
  profiles: [],
  connection: null,
  environments: [],
  broker: null,
  topics: null,
  chosen: '',
  code: '',
  making: null,
  kept: { how: 'kernel', profile: '', where: '', problem: '', fix: '', offers_file: false }
};

const TOPIC = { id: 'acme-f1-dev-laps', name: 'laps', partitions: 4, retention: '7 d', status: 'Ready' };

describe('the filter of a list', () => {
  const names = ['f1-data', 'F1-laps', 'weather'];
  const find = (query: string): readonly string[] => matching(names, query, name => [name]);

  it('keeps everything while nothing is typed, in its order', () => {
    expect(find('  ')).toBe(names);
  });

  it('looks for every word, in any case and any order', () => {
    expect(find('LAPS f1')).toEqual(['F1-laps']);
  });

  it('looks in all texts of an item, and needs each word in one of them', () => {
    const texts = (): readonly string[] => ['laps', 'acme-f1-dev'];

    expect(matching([0], 'dev lap', texts)).toEqual([0]);
    expect(matching([0], 'devlap', texts)).toEqual([]);
  });

  it('groups what stands side by side', () => {
    expect(grouped(['a1', 'a2', 'b1'], name => name.charAt(0))).toEqual([
      ['a', ['a1', 'a2']],
      ['b', ['b1']]
    ]);
  });

  it('moves from nothing to the first item, and stops at the ends', () => {
    expect(moved(-1, 1, 3)).toBe(0);
    expect(moved(2, 1, 3)).toBe(2);
    expect(moved(0, -6, 3)).toBe(0);
    expect(moved(-1, 1, 0)).toBe(-1);
  });
});

describe('the words', () => {
  it('count one and many', () => {
    expect([count(0, 'topic'), count(1, 'topic'), count(1200, 'topic')]).toEqual(['0 topics', '1 topic', '1,200 topics']);
  });

  it('leave out what is as usual about a topic, and what the portal does not say', () => {
    expect(topicDetails(TOPIC)).toBe('4 partitions · 7 d');
    expect(topicDetails({ ...TOPIC, partitions: null, retention: '', status: 'Creating' })).toBe('Creating');
  });

  it('say each step to those who hear it, and leave a problem to its own box', () => {
    const problem = { kind: 'rejected', what: 'The portal refused it.', cause: '', fix: '' } as const;

    expect(spoken(STATE)).toContain('Not connected');
    expect(spoken({ ...STATE, problem })).toBe('');
    expect(spoken({ ...STATE, step: 'checking', checking: 'PROD_TOKEN' })).toBe('Checking PROD_TOKEN…');
    expect(spoken({ ...STATE, step: 'environments', environments: [CONNECTION.environment] })).toContain('1 environment.');
    expect(spoken({ ...STATE, step: 'connected', connection: CONNECTION, topics: [TOPIC] })).toBe(
      'Connected to acme-f1-dev: 1 topic.'
    );
  });

  it('never claim a connection that is only being checked', () => {
    expect(health({ ...STATE, step: 'checking', connection: CONNECTION }).look).toBe('busy');
    expect(health({ ...STATE, step: 'choose', connection: CONNECTION }).text).toBe('Connected');
    expect(health(STATE).text).toBe('Not connected');
  });

  it('propose a name for a profile only if it can be one', () => {
    const named = (name: string): State => ({
      ...STATE,
      connection: { ...CONNECTION, environment: { ...CONNECTION.environment, name } }
    });

    expect(profileName(named('dev'))).toBe('dev');
    expect(profileName(named('my project'))).toBe('');
    expect(profileName(STATE)).toBe('');
  });
});

describe('a message', () => {
  it('is the kernel’s if it has a key and a numbered state', () => {
    expect(isEnvelope({ type: 'state', key: 'k', state: STATE })).toBe(true);
  });

  it.each([null, undefined, 'state', {}, { type: 'state', key: 'k' }, { type: 'state', key: 'k', state: {} }])(
    'is not, if it is %j',
    message => {
      expect(isEnvelope(message)).toBe(false);
    }
  );
});
