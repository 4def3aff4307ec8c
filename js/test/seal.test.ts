import { webcrypto } from 'node:crypto';
import { describe, expect, it } from 'vitest';

import { canSeal, seal } from '../src/seal';

async function keyPair(): Promise<{ publicKey: string; pair: webcrypto.CryptoKeyPair }> {
  const pair = await webcrypto.subtle.generateKey({ name: 'ECDH', namedCurve: 'P-256' }, true, ['deriveBits']);
  const point = Buffer.from(await webcrypto.subtle.exportKey('raw', pair.publicKey));
  return { publicKey: point.toString('base64'), pair };
}

describe('seal', () => {
  it('can be done where the page may encrypt', () => {
    expect(canSeal()).toBe(true);
  });

  it('never makes the same bytes twice, and shows nothing of the text', async () => {
    const { publicKey } = await keyPair();

    const [first, second] = [await seal('a text', publicKey), await seal('a text', publicKey)];

    expect(first).not.toBe(second);
    expect(Buffer.from(first, 'base64').toString('latin1')).not.toContain('a text');
    expect(Buffer.from(first, 'base64')).toHaveLength(65 + 12 + 'a text'.length + 16);
  });

  it('is refused by a key that is no point of the curve', async () => {
    await expect(seal('a text', Buffer.alloc(65).toString('base64'))).rejects.toThrow();
  });
});
