/** Tells one token from another without keeping any. */

const SEED = globalThis.crypto.getRandomValues(new Uint32Array(2));

/** A number that is the same for the same token in this page alone; nothing of the token can be read from it. */
export function keyOf(token: string): number {
  let [high, low] = [SEED[0] ?? 0, SEED[1] ?? 0];
  for (let at = 0; at < token.length; at++) {
    const code = token.charCodeAt(at);
    high = Math.imul(high ^ code, 2654435761);
    low = Math.imul(low ^ code, 1597334677);
  }
  return (high >>> 0) * 2 ** 21 + ((low ^ (high >>> 16)) & 0x1fffff);
}
