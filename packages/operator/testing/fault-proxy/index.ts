export { type Verb } from './call.ts';
export { chanceOf } from './chance.ts';
export type { Fault, FaultRule, Range } from './fault.ts';
export { faultProxy, type FaultProxy, type FaultProxyOptions, type Tally } from './fault-proxy.ts';
