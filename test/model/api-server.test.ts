import { inMemoryApiServer, virtualClock } from '@dot-kube/operator/testing';
import { apiServerContract } from '../contract/api-server.contract.ts';
import { Box } from '../contract/box.ts';
import { garbageCollectorContract } from '../contract/garbage-collector.contract.ts';

let clock = virtualClock();
let server = inMemoryApiServer({ clock, resources: [Box] });

const connect = () => {
  clock = virtualClock();
  server = inMemoryApiServer({ clock, resources: [Box] });
  return server.client();
};

apiServerContract(connect, { advance: (ms) => clock.advance(ms), compact: () => server.compact() });
garbageCollectorContract(connect, 1000);
