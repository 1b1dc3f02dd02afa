export type { Admission, AdmissionRequest, User } from './admission.ts';
export { inMemoryApiServer, type InMemoryApiServer, type InMemoryApiServerOptions } from './in-memory-api-server.ts';
export { virtualClock, type VirtualClock } from './virtual-clock.ts';
export { interceptWrites, type ClientWrite, type Interceptor } from './intercept-writes.ts';
export { settle, type SettleOptions } from './settle.ts';
export { tcpRelay, type TcpRelay } from './tcp-relay.ts';
export {
  chanceOf,
  faultProxy,
  type Fault,
  type FaultProxy,
  type FaultProxyOptions,
  type FaultRule,
  type Tally,
  type Verb,
} from './fault-proxy/index.ts';
export { conditionList } from './condition-list.ts';
export { testCertificate } from '../src/transport/test-certificate.ts';
