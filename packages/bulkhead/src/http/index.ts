/**
 * The http room's door: the control plane. Loaded when an app asks for it, never before: see README.md.
 */
export {
  type ControlPlaneParts,
  composeControlPlane,
  type MountedControlPlane,
} from './compose.ts';
export type { ControlPlane } from './control-plane.ts';
export { apiDocument } from './openapi/api-document.ts';
