import { nullTranslator } from '@jupyterlab/translation';
import { describe, expect, it } from 'vitest';

import type { KernelState, Topic } from '../src/link';
import { factsOf, matching, placeOf, publishCell, quoted, readCell, statusOf, tailCell, timeOf } from '../src/panel/words';

const trans = nullTranslator.load('quixnb');

const CONNECTED: KernelState = {
  health: 'connected',
  environment: 'acme-f1-dev',
  token: 'streaming token from Quix__Sdk__Token',
  portal: 'portal-api.cloud.quix.io',
  profile: null,
  checkedAt: '2026-01-02T03:04:05+00:00',
  problem: '',
  advice: ''
};
const NONE: KernelState = { ...CONNECTED, health: 'none', environment: null, token: null, portal: null, checkedAt: null };

function topic(name: string, more: Partial<Topic> = {}): Topic {
  return { name, id: `acme-f1-dev-${name}`, partitions: 4, retention: '7 d', status: 'Ready', ...more };
}

describe('the status', () => {
  it.each([
    ['never', null, 0, null],
    ['never', null, 1, ['', '1 token in plain text', 'wary']],
    ['no', null, 0, ['Quix: not loaded', '', 'quiet']],
    ['unknown', null, 0, ['Quix', '', 'quiet']],
    ['yes', null, 0, ['Quix', '', 'quiet']],
    ['yes', NONE, 0, ['Quix: not connected', '', 'quiet']],
    ['yes', CONNECTED, 0, ['acme-f1-dev', '', 'good']],
    ['yes', CONNECTED, 2, ['acme-f1-dev', '2 tokens in plain text', 'wary']],
    ['yes', { ...CONNECTED, health: 'problem' }, 2, ['acme-f1-dev: problem', '2 tokens in plain text', 'bad']]
  ] as const)('of a kernel that is loaded: %s', (loaded, state, findings, expected) => {
    const status = statusOf(loaded, state, findings, trans);

    expect(status && [status.connection, status.found, status.mood]).toEqual(expected);
  });

  it('tells at a longer look what is wrong, and where the token is from', () => {
    const problem = 'The portal refused the token from .env (401).';

    expect(statusOf('yes', { ...CONNECTED, health: 'problem', problem }, 0, trans)?.title).toBe(problem);
    expect(statusOf('yes', CONNECTED, 0, trans)?.title).toBe(
      'Connected to acme-f1-dev by the streaming token from Quix__Sdk__Token.'
    );
  });
});

describe('a place', () => {
  it('is counted from 1, in a cell, an output and a file', () => {
    const finding = { kind: 'sdk', isOutput: false, cell: 2, line: 5 } as const;

    expect(placeOf(finding, trans)).toBe('Cell 3, line 5');
    expect(placeOf({ ...finding, isOutput: true }, trans)).toBe('Output of cell 3, line 5');
    expect(placeOf({ ...finding, cell: null }, trans)).toBe('Line 5');
  });
});

describe('a search', () => {
  const topics = [topic('f1-data'), topic('f1-laps'), topic('weather')];

  it.each([
    ['', 3],
    ['F1', 2],
    ['laps f1', 1],
    ['acme', 0],
    [' acme-f1-dev-weather ', 1]
  ])('for %j finds %i', (query, count) => {
    expect(matching(topics, query)).toHaveLength(count);
  });
});

describe('what is said of a topic', () => {
  it('leaves out what the portal does not say, and that it is ready', () => {
    expect(factsOf(topic('a'), trans)).toBe('4 partitions, keeps 7 d');
    expect(factsOf(topic('a', { partitions: 1, retention: '', status: 'Creating' }), trans)).toBe('1 partition, Creating');
    expect(factsOf(topic('a', { partitions: null, retention: '', status: '' }), trans)).toBe('');
  });
});

describe('a time', () => {
  it('has no date if that is today', () => {
    const now = new Date();
    const long = new Date(2020, 0, 2, 3, 4, 5);

    expect(timeOf(now.toISOString(), now)).not.toContain(String(now.getFullYear()));
    expect(timeOf(long.toISOString(), now)).toContain('2020');
  });
});

describe('a cell', () => {
  it.each([
    ['f1-data', 'f1-data'],
    ['lap times', "'lap times'"],
    ["driver's", `'driver'"'"'s'`],
    ['a$b', "'a$b'"]
  ])('has the topic %j as a shell takes it: %s', (name, expected) => {
    expect(quoted(name)).toBe(expected);
    expect(readCell(name).source).toBe(`%quix_read ${expected} --last 100`);
  });

  it.each([
    [['laps', 'df', 'other'], 'x = laps.head()\nprint(other)', 'other'],
    [['laps', 'df'], 'nothing of the kind', 'df'],
    [['laps', 'cars'], 'my_laps = 1', 'cars'],
    [[], 'anything', 'df']
  ])('publishes, of %j, with %j at hand: %s', (frames, atHand, frame) => {
    const { source, selected } = publishCell('f1-data', frames, atHand);

    expect(source).toBe(`%%quix_publish f1-data\n${frame}`);
    expect(source.slice(...(selected ?? []))).toBe(frame);
  });

  it('watches a topic', () => {
    expect(tailCell('f1-data').source).toBe('%quix_tail f1-data');
  });
});
