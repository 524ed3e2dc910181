/** Around everything of one organization: an operator says why they come, once, before anything is asked. */
import { Outlet, useParams } from '@tanstack/react-router';
import { useEffect } from 'react';
import { tenantPreference } from '../../parts/preference.ts';
import { ReasonGate } from '../../session/reason-gate.tsx';

export function TenantFrame() {
  const { tenant } = useParams({ from: '/shell/tenants/$tenant' });
  useEffect(() => tenantPreference.write(tenant), [tenant]);
  return (
    <ReasonGate tenant={tenant}>
      <Outlet />
    </ReasonGate>
  );
}
