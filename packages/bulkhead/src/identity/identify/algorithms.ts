/** The signature algorithms a token may use. `none` is not among them and can't be configured. */
export const asymmetricAlgorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const;

export const jwtAlgorithms = [...asymmetricAlgorithms, 'HS256', 'HS384', 'HS512'] as const;
export type JwtAlgorithm = (typeof jwtAlgorithms)[number];

export function isAsymmetric(algorithm: JwtAlgorithm): boolean {
  return !algorithm.startsWith('HS');
}
