/** What the token is and what it opened, in a few lines. */

import { button, make, setText } from './dom';
import type { Send, State } from './messages';

export class Facts {
  readonly element: HTMLElement;
  private readonly environment = make('span', { class: 'qnb-value qnb-name' });
  private readonly token = make('span', { class: 'qnb-value' });
  private readonly broker = make('span', { class: 'qnb-value' });
  private readonly dot = make('span', { class: 'qnb-dot', 'aria-hidden': 'true' });
  private readonly other: HTMLButtonElement;
  private readonly advice = make('p', { class: 'qnb-notice' });

  constructor(send: Send) {
    this.other = button('Change environment', 'qnb-link', () => send({ type: 'environments' }));
    const change = button('Change token', 'qnb-link', () => send({ type: 'change' }));
    const broker = make('span', { class: 'qnb-pair' }, this.dot, this.broker);
    this.element = make(
      'div',
      {},
      make(
        'dl',
        { class: 'qnb-facts' },
        make('dt', {}, 'Environment'),
        make('dd', {}, this.environment, this.other),
        make('dt', {}, 'Token'),
        make('dd', {}, this.token, change),
        make('dt', {}, 'Broker'),
        make('dd', {}, broker)
      ),
      this.advice
    );
  }

  show(state: State): void {
    const connection = state.connection;
    if (connection === null) {
      return;
    }
    const { environment, kind, source, expires, advice, sees_more: seesMore } = connection;
    const status = environment.status === '' || environment.status === 'Ready' ? '' : ` (${environment.status})`;
    setText(this.environment, environment.id + status, true);
    const from = source === 'pasted' ? 'pasted' : `from ${source}`;
    setText(this.token, `${capital(kind)} ${from}${expires && `, expires ${expires}`}`, true);
    const broker = state.broker;
    setText(this.broker, broker ? `${broker.servers} ${broker.answers ? 'answers' : 'does not answer'}` : 'Checking…', true);
    this.dot.dataset['look'] = broker === null ? 'busy' : broker.answers ? 'good' : 'bad';
    this.other.hidden = !seesMore;
    setText(this.advice, advice);
    this.advice.hidden = advice === '';
  }
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
