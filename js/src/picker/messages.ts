/** What travels between the picker and its kernel; `quixnb/widgets/state.py` is the other half. */

export type Step = 'choose' | 'checking' | 'environments' | 'connected';

export interface Problem {
  readonly kind: 'malformed' | 'missing' | 'rejected' | 'environment' | 'unreachable' | 'other';
  readonly what: string;
  readonly cause: string;
  readonly fix: string;
}

/** A place on this machine that has something for a token; never a character of it. */
export interface Offer {
  readonly name: string;
  readonly place: string;
  readonly spec: string;
}

export interface KnownProfile {
  readonly name: string;
  readonly environment: string;
  readonly source: string;
}

export interface Place {
  readonly id: string;
  readonly name: string;
  readonly project: string;
  readonly status: string;
}

export interface Connection {
  readonly kind: string;
  readonly source: string;
  readonly expires: string;
  readonly advice: string;
  readonly environment: Place;
  readonly portal: string;
  readonly profile: string;
  readonly sees_more: boolean;
  /** What a profile needs of the token: its place; a store; nothing, there is one or it would be of no use. */
  readonly keeping: 'place' | 'store' | 'no';
}

export interface Topic {
  readonly id: string;
  readonly name: string;
  readonly partitions: number | null;
  readonly retention: string;
  readonly status: string;
}

export interface Kept {
  readonly how: 'once' | 'kernel';
  readonly profile: string;
  readonly where: string;
  readonly problem: string;
  readonly fix: string;
  readonly offers_file: boolean;
}

export interface State {
  readonly number: number;
  readonly step: Step;
  readonly portal: string;
  readonly checking: string;
  readonly problem: Problem | null;
  /** Null until the kernel has looked. */
  readonly sources: readonly Offer[] | null;
  readonly profiles: readonly KnownProfile[];
  readonly connection: Connection | null;
  readonly environments: readonly Place[];
  readonly broker: { readonly servers: string; readonly answers: boolean } | null;
  /** Null until the portal has listed them. */
  readonly topics: readonly Topic[] | null;
  readonly chosen: string;
  readonly code: string;
  readonly making: { readonly name: string; readonly busy: boolean; readonly problem: string } | null;
  readonly kept: Kept;
}

/** From the kernel: the whole state, and the key that a token is sealed to. */
export interface Envelope {
  readonly type: 'state';
  readonly key: string;
  readonly state: State;
}

/** To the kernel. */
export type Message =
  | { readonly type: 'hello' | 'sandbox' | 'again' | 'change' | 'back' | 'forget' | 'environments' | 'refresh' }
  | { readonly type: 'token'; readonly sealed: string }
  | { readonly type: 'token'; readonly plain: string }
  | { readonly type: 'source'; readonly spec: string }
  | { readonly type: 'profile'; readonly name: string }
  | { readonly type: 'environment' | 'topic'; readonly id: string }
  | { readonly type: 'new topic'; readonly name: string; readonly partitions: number | null }
  | { readonly type: 'keep'; readonly how: 'once' | 'kernel' }
  | { readonly type: 'keep'; readonly how: 'profile'; readonly name: string; readonly store: 'keyring' | 'file' | null };

export type Send = (message: Message) => void;

/** Whether a message is the kernel's; another library may send through the same model. */
export function isEnvelope(value: unknown): value is Envelope {
  const message = value as Partial<Envelope> | null;
  return message?.type === 'state' && typeof message.key === 'string' && typeof message.state?.number === 'number';
}
