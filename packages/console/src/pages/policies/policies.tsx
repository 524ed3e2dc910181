/** What an organization demands of whoever enters it; each change shows whom it would touch before it is saved. */
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { questions } from '../../api/queries.ts';
import type { PolicyKind } from '../../api/shapes.ts';
import { Filters } from '../../parts/filters.tsx';
import { Segments } from '../../parts/segments.tsx';
import { SentenceHeader } from '../../parts/sentence-header.tsx';
import { Failure, Loading } from '../../parts/states.tsx';
import { PolicyForm } from './policy-form.tsx';
import { PolicyHistory } from './policy-history.tsx';

const kinds: readonly (readonly [PolicyKind, string, string])[] = [
  ['password', 'Passwords', 'How passwords must be, and how long one lasts.'],
  ['session', 'Sessions', 'How long a session lasts, and from where it may come.'],
  ['mfa', 'Second factor', 'Who must have one, and when it is asked again.'],
  ['api', 'API keys', 'How long keys live, and what they may reach.'],
];

export function PoliciesPage() {
  const { tenant } = useParams({ from: '/shell/tenants/$tenant/policies' });
  const search = useSearch({ from: '/shell/tenants/$tenant/policies' });
  const navigate = useNavigate({ from: '/tenants/$tenant/policies' });
  const policies = useQuery(questions.policies(tenant));
  const kind = kinds.find(([key]) => key === search.kind)?.[0] ?? 'password';
  const policy = policies.data?.items.find((one) => one.kind === kind);
  const own = policies.data?.items.filter((one) => one.version > 0).length ?? 0;
  return (
    <>
      <SentenceHeader
        place={`Policies of ${tenant}`}
        sentence={
          policies.data === undefined
            ? 'Policies'
            : own === 0
              ? `${tenant} keeps the policies that everybody has`
              : `${tenant} has made ${own === 1 ? 'one policy' : `${own} policies`} its own`
        }
        meta={kinds.find(([key]) => key === kind)?.[2]}
      />
      <Filters>
        <Segments
          label="Policy"
          value={kind}
          options={kinds.map(([key, label]) => [key, label] as const)}
          onChange={(next) => void navigate({ search: { kind: next } })}
        />
      </Filters>
      {policies.isPending && <Loading what="the policies" rows={6} />}
      {policies.isError && <Failure error={policies.error} retry={() => void policies.refetch()} />}
      {policy !== undefined && (
        <PolicyForm key={`${kind} ${policy.version}`} tenant={tenant} policy={policy} />
      )}
      {policy !== undefined && policy.version > 0 && <PolicyHistory tenant={tenant} kind={kind} />}
    </>
  );
}
