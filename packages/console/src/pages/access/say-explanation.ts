/** The reason of a decision as a sentence. */
import type { ExplainedGrant, Explanation } from '../../api/shapes.ts';

const reasons: Readonly<Record<string, string>> = {
  everything: 'Whoever acts for the system or as an operator holds every permission here.',
  no_membership: 'They are no member of this organization.',
  suspended: 'Their membership is suspended: nothing that was granted counts until it is restored.',
  tenant_disabled: 'The organization is disabled, so nobody may do anything in it.',
  key_absent: 'There is no such API key.',
  key_revoked: 'The API key was revoked.',
  key_expired: 'The API key has expired.',
  key_limited: 'The API key was made for less than its holder may.',
  key_elsewhere: 'The API key was made for another part of the organization.',
  node_absent: 'There is no such place in this organization.',
  expired: 'A grant would have given it, and has ended.',
  elsewhere: 'A grant gives it, on another part of the organization.',
  wrong_kind: 'A grant gives it, on a kind of thing that this is not.',
  not_granted: 'No grant leads there, and what nobody granted is refused.',
};

const hindrances: Readonly<Record<NonNullable<ExplainedGrant['hindrance']>, string>> = {
  expired: 'It has ended.',
  elsewhere: 'It is on another part of the organization.',
  wrong_kind: 'Its role is for another kind of thing.',
};

export const hindranceOf = (hindrance: NonNullable<ExplainedGrant['hindrance']>): string =>
  hindrances[hindrance];

export function becauseOf(explanation: Explanation, name: string): string {
  const [first] = explanation.grants;
  if (explanation.reason !== 'granted' || first === undefined)
    return reasons[explanation.reason] ?? explanation.reason;
  const through = first.group === null ? '' : ` as one of ${first.group.name}`;
  const where = first.nodeName === null ? 'the whole organization' : first.nodeName;
  return `${name} has the role ${first.role}${through} on ${where}, and it holds ${explanation.permission}.`;
}
