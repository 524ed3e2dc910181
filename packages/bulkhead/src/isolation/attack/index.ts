/** The attack's door, and what `bulkhead/attack` exports. */
export { attack, attackFamilies } from './attack.ts';
export type { AttackOptions, AttackProgress } from './attack-options.ts';
export type { EnterTenant } from './drive/pool-driver.ts';
export type {
  AttackFinding,
  AttackReport,
  CanarySource,
  DriverName,
  FamilyReport,
  RowsChanged,
} from './report.ts';
