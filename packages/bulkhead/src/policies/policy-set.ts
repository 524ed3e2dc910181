/** A tenant's four policies, ready to be judged by: networks are parsed once, not once a request. */
import { type Address, isInside, type Network, parseAddress, parseNetwork } from './cidr.ts';
import { defaultPolicies, type PolicyBodies } from './policy-kinds.ts';

export interface PolicySet extends PolicyBodies {
  readonly sessionNetworks: readonly Network[];
  readonly apiNetworks: readonly Network[];
}

/** The defaults, with what a tenant has set in their place. */
export function policySet(bodies: Partial<PolicyBodies> = {}): PolicySet {
  const all = { ...defaultPolicies, ...bodies };
  return {
    ...all,
    sessionNetworks: parseAll(all.session.ipAllowlist),
    apiNetworks: parseAll(all.api.ipAllowlist),
  };
}

/** True where there is no list; false for an address that cannot be read while there is one. */
export function isAllowedFrom(networks: readonly Network[], ip: string | undefined): boolean {
  if (networks.length === 0) return true;
  const address: Address | undefined = ip === undefined ? undefined : parseAddress(ip);
  return address !== undefined && networks.some((network) => isInside(network, address));
}

function parseAll(texts: readonly string[]): readonly Network[] {
  return texts.map((text) => {
    const network = parseNetwork(text);
    // The schema lets no other text in; leaving one out could empty the list, which would open it.
    if (network === undefined) throw new TypeError(`not a network: ${JSON.stringify(text)}`);
    return network;
  });
}
