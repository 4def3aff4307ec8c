/** Seals a text to the kernel's key, so that a token crosses logs and sockets as bytes that say nothing.
 *
 * The scheme, and its other half, are in `quixnb/seal.py`: ephemeral ECDH on P-256, HKDF-SHA256, AES-256-GCM.
 */

const CURVE = { name: 'ECDH', namedCurve: 'P-256' } as const;
const INFO = new TextEncoder().encode('quixnb seal 1');

/** Whether this page may encrypt at all: browsers offer it on https and on localhost only. */
export function canSeal(): boolean {
  return globalThis.crypto?.subtle !== undefined;
}

/** `text` as base64 that only the owner of the private half of `publicKey` can open. */
export async function seal(text: string, publicKey: string): Promise<string> {
  const { subtle } = globalThis.crypto;
  const theirs = toBytes(publicKey);
  const pair = await subtle.generateKey(CURVE, false, ['deriveBits']);
  const point = new Uint8Array(await subtle.exportKey('raw', pair.publicKey));
  const peer = await subtle.importKey('raw', theirs, CURVE, false, []);
  const shared = await subtle.deriveBits({ name: 'ECDH', public: peer }, pair.privateKey, 256);
  const secret = await subtle.importKey('raw', shared, 'HKDF', false, ['deriveKey']);
  const key = await subtle.deriveKey(
    { name: 'HKDF', hash: 'SHA-256', salt: joined(point, theirs), info: INFO },
    secret,
    { name: 'AES-GCM', length: 256 },
    false,
    ['encrypt']
  );
  const iv = globalThis.crypto.getRandomValues(new Uint8Array(12));
  const sealed = await subtle.encrypt({ name: 'AES-GCM', iv }, key, new TextEncoder().encode(text));
  return toBase64(joined(point, iv, new Uint8Array(sealed)));
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function toBytes(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), letter => letter.charCodeAt(0));
}

function toBase64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, byte => String.fromCharCode(byte)).join(''));
}
