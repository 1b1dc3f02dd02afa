export { Component } from './component.ts';
export {
  type ComponentName,
  type ControlPlane,
  type ControlPlaneBinaries,
  type ControlPlaneOptions,
  startControlPlane,
} from './control-plane.ts';
export { freePorts } from './free-ports.ts';
export { adminIdentity, type Identity, kubeletIdentity } from './identity.ts';
export { createNodeBoundToken } from './node-bound-token.ts';
export { request } from './request.ts';
