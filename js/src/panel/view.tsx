/** The panel's three parts. They are changed in place, so that focus and scroll position stay. */

import { addIcon, refreshIcon, type LabIcon } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { IFindings, PlacedFinding } from '../findings';
import { kindName } from '../guard/words';
import type { KernelState, Topic } from '../link';
import type { Actions } from './actions';
import type { Model } from './model';
import { factsOf, matching, moodOf, placeOf, timeOf } from './words';

/** More are found by searching: a list of thousands helps nobody, and takes its time. */
const SHOWN = 100;

interface Props {
  readonly model: Model;
  readonly actions: Actions;
  readonly findings: IFindings | null;
  readonly trans: TranslationBundle;
}

export function PanelView(props: Props): JSX.Element {
  return (
    <>
      <Connection {...props} />
      {props.findings && <Findings {...props} findings={props.findings} />}
      {props.model.link && props.model.state?.environment && <Topics {...props} />}
    </>
  );
}

// ---- connection

function Connection({ model, actions, trans }: Props): JSX.Element {
  const { state, loaded } = model;
  return (
    <Section title={trans.__('Connection')}>
      <div role="status">
        <Says model={model} trans={trans} />
      </div>
      {state && state.environment && <Facts state={state} trans={trans} />}
      <div className="qnb-Buttons">
        {loaded === 'no' && (
          <Button isMain act={() => actions.load()} busyText={trans.__('Loading…')}>
            {trans.__('Load quixnb')}
          </Button>
        )}
        {state && (
          <>
            <Button isMain={state.health !== 'connected'} act={() => actions.chooseToken()}>
              {trans.__('Choose a token…')}
            </Button>
            <Button act={() => actions.check()} busyText={trans.__('Checking…')}>
              {state.health === 'none' ? trans.__('Look for a token') : trans.__('Check now')}
            </Button>
          </>
        )}
        {state?.health === 'none' && <Button act={() => actions.startSandbox()}>{trans.__('Try in a sandbox')}</Button>}
      </div>
    </Section>
  );
}

/** The one line that a screen reader hears when it changes. */
function Says({ model, trans }: Pick<Props, 'model' | 'trans'>): JSX.Element {
  const { document, kernel, loaded, state } = model;
  if (!document) {
    return <p>{trans.__('Open a notebook or a console to see its connection to Quix.')}</p>;
  }
  if (!kernel) {
    return <p>{trans.__('There is no kernel yet.')}</p>;
  }
  if (loaded === 'never') {
    return <p>{trans.__('quixnb runs in Python kernels.')}</p>;
  }
  if (loaded === 'no') {
    return <p>{trans.__('quixnb is not loaded in this kernel.')}</p>;
  }
  if (!state) {
    return <p className="qnb-mod-quiet">{trans.__('The kernel has not answered yet. It may be running a cell.')}</p>;
  }
  const mood = moodOf(state);
  const name = state.environment ?? trans.__('Not connected');
  return (
    <>
      <p className="qnb-Environment">
        <span className={`qnb-Dot qnb-mod-${mood}`} aria-hidden="true" />
        <span title={name}>{name}</span>
      </p>
      {state.problem ? (
        <div className={`qnb-Problem qnb-mod-${mood}`}>
          <p>{state.problem}</p>
          {state.advice && <p>{state.advice}</p>}
        </div>
      ) : (
        state.health === 'none' && (
          <p>{trans.__('Choose a token, or look for one in variables, .env and keyring. No Quix account? Try it in a sandbox.')}</p>
        )
      )}
    </>
  );
}

function Facts({ state, trans }: { readonly state: KernelState; readonly trans: TranslationBundle }): JSX.Element {
  const facts: readonly (readonly [string, string | null])[] = [
    [trans.__('Token'), state.token],
    [trans.__('Portal'), state.portal],
    [trans.__('Profile'), state.profile],
    [trans.__('Checked'), state.checkedAt && timeOf(state.checkedAt, new Date())]
  ];
  return (
    <dl className="qnb-Facts">
      {facts.map(
        ([name, value]) =>
          value && (
            <React.Fragment key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </React.Fragment>
          )
      )}
    </dl>
  );
}

// ---- findings

function Findings({ model, findings, trans }: Props & { readonly findings: IFindings }): JSX.Element {
  const list = model.findings;
  return (
    <Section title={trans.__('Tokens in plain text')} count={list.length}>
      <p role="status" className={list.length ? 'qnb-mod-hidden' : 'qnb-mod-quiet'}>
        {list.length
          ? trans._n('%1 token in this document.', '%1 tokens in this document.', list.length)
          : trans.__('None in this document.')}
      </p>
      {list.length > 0 && (
        <ul className="qnb-List">
          {list.map((finding, index) => (
            <FindingRow key={index} finding={finding} findings={findings} trans={trans} />
          ))}
        </ul>
      )}
    </Section>
  );
}

function FindingRow(props: {
  readonly finding: PlacedFinding;
  readonly findings: IFindings;
  readonly trans: TranslationBundle;
}): JSX.Element {
  const { finding, findings, trans } = props;
  const place = placeOf(finding, trans);
  return (
    <li className="qnb-Row">
      <div className="qnb-Row-text">
        <div className="qnb-Name">{place}</div>
        <div className="qnb-mod-quiet">{kindName(finding.kind)}</div>
      </div>
      <div className="qnb-Buttons">
        <Button label={trans.__('Go to: %1', place)} act={async () => findings.reveal(finding)}>
          {trans.__('Go to')}
        </Button>
        <Button label={trans.__('Fix: %1', place)} act={() => findings.fix(finding)} busyText={trans.__('Fixing…')}>
          {trans.__('Fix')}
        </Button>
      </div>
    </li>
  );
}

// ---- topics

function Topics({ model, actions, trans }: Props): JSX.Element {
  const [query, setQuery] = React.useState('');
  const [isWhole, setWhole] = React.useState(false);
  const list = model.topics;
  const topics = list?.topics ?? null;
  const found = topics && matching(topics, query);
  const shown = found?.slice(0, isWhole ? found.length : SHOWN) ?? [];
  return (
    <Section
      title={trans.__('Topics')}
      count={topics?.length}
      tools={
        <>
          <Tool icon={addIcon} label={trans.__('New topic…')} act={() => actions.newTopic()} />
          <Tool
            icon={refreshIcon}
            label={trans.__('Ask for the topics again')}
            act={() => actions.refreshTopics()}
            isBusy={list?.isLoading ?? false}
          />
        </>
      }
    >
      {topics && topics.length > 0 && (
        <input
          type="search"
          className="qnb-Search jp-mod-styled"
          placeholder={trans.__('Search topics')}
          aria-label={trans.__('Search topics by name')}
          spellCheck={false}
          value={query}
          onChange={event => setQuery(event.target.value)}
        />
      )}
      <div role="status">
        {list?.problem && <p className="qnb-Problem qnb-mod-bad">{list.problem}</p>}
        <TopicCount topics={topics} found={found} query={query} isLoading={list?.isLoading ?? false} trans={trans} />
      </div>
      {shown.length > 0 && (
        <ul className="qnb-List">
          {shown.map(topic => (
            <TopicRow key={topic.id} topic={topic} actions={actions} trans={trans} />
          ))}
        </ul>
      )}
      {found && found.length > shown.length && (
        <div className="qnb-Buttons">
          <Button act={async () => setWhole(true)}>{trans.__('Show all %1', found.length)}</Button>
        </div>
      )}
    </Section>
  );
}

function TopicCount(props: {
  readonly topics: readonly Topic[] | null;
  readonly found: readonly Topic[] | null;
  readonly query: string;
  readonly isLoading: boolean;
  readonly trans: TranslationBundle;
}): JSX.Element | null {
  const { topics, found, query, isLoading, trans } = props;
  if (!topics || !found) {
    return isLoading ? <p className="qnb-mod-quiet">{trans.__('Asking for the topics…')}</p> : null;
  }
  if (topics.length === 0) {
    return <p className="qnb-mod-quiet">{trans.__('This environment has no topics yet.')}</p>;
  }
  if (!query.trim()) {
    return null;
  }
  return (
    <p className="qnb-mod-quiet">
      {found.length === 0
        ? trans.__('No topic has that in its name.')
        : trans.__('%1 of %2', found.length, topics.length)}
    </p>
  );
}

function TopicRow(props: {
  readonly topic: Topic;
  readonly actions: Actions;
  readonly trans: TranslationBundle;
}): JSX.Element {
  const { topic, actions, trans } = props;
  const { name } = topic;
  return (
    <li>
      <div className="qnb-Name" title={name === topic.id ? name : `${name} → ${topic.id}`}>
        {name}
      </div>
      <div className="qnb-mod-quiet">{factsOf(topic, trans)}</div>
      <div className="qnb-Buttons">
        <Button
          label={trans.__('Publish to %1: write a cell', name)}
          hint={trans.__('Write a cell that publishes a frame to it')}
          act={() => actions.publish(name)}
        >
          {trans.__('Publish…')}
        </Button>
        <Button
          label={trans.__('Read the last 100 rows of %1', name)}
          hint={trans.__('Read its last 100 rows, in a new cell')}
          act={() => actions.read(name)}
        >
          {trans.__('Read')}
        </Button>
        <Button
          label={trans.__('Watch %1 live', name)}
          hint={trans.__('Watch what arrives, in a new cell')}
          act={() => actions.watch(name)}
        >
          {trans.__('Tail')}
        </Button>
      </div>
    </li>
  );
}

// ---- pieces

function Section(props: {
  readonly title: string;
  readonly count?: number | undefined;
  readonly tools?: React.ReactNode;
  readonly children: React.ReactNode;
}): JSX.Element {
  const id = React.useId();
  return (
    <section aria-labelledby={id} className="qnb-Section">
      <div className="qnb-Section-head">
        <h2 id={id}>{props.title}</h2>
        {Boolean(props.count) && <span className="qnb-Count">{props.count}</span>}
        {props.tools && <span className="qnb-Tools">{props.tools}</span>}
      </div>
      {props.children}
    </section>
  );
}

function Button(props: {
  readonly act: () => Promise<unknown>;
  readonly children: React.ReactNode;
  /** What a screen reader says, where the text alone does not tell one button from another. */
  readonly label?: string;
  readonly hint?: string;
  readonly busyText?: string;
  readonly isMain?: boolean;
}): JSX.Element {
  const [isBusy, run] = useBusy(props.act);
  return (
    <button
      type="button"
      className={`qnb-Button jp-mod-styled ${props.isMain ? 'jp-mod-accept' : ''}`}
      aria-label={isBusy ? undefined : props.label}
      title={props.hint}
      aria-disabled={isBusy}
      onClick={run}
    >
      {isBusy && props.busyText ? props.busyText : props.children}
    </button>
  );
}

function Tool(props: {
  readonly icon: LabIcon;
  readonly label: string;
  readonly act: () => Promise<unknown>;
  readonly isBusy?: boolean;
}): JSX.Element {
  const [isBusy, run] = useBusy(props.act);
  return (
    <button
      type="button"
      className={`qnb-Tool ${isBusy || props.isBusy ? 'qnb-mod-busy' : ''}`}
      aria-label={props.label}
      title={props.label}
      aria-disabled={isBusy}
      onClick={run}
    >
      <props.icon.react tag={null} />
    </button>
  );
}

/** Whether it is under way, and what begins it unless it is. The button stays enabled: a disabled one loses the focus. */
function useBusy(act: () => Promise<unknown>): [boolean, () => void] {
  const [isBusy, setBusy] = React.useState(false);
  const run = (): void => {
    if (!isBusy) {
      setBusy(true);
      act()
        .catch(error => console.error('quixnb:', error))
        .finally(() => setBusy(false));
    }
  };
  return [isBusy, run];
}
