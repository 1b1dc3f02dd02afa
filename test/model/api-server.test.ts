import { inMemoryApiServer, virtualClock } from '@dot-kube/operator/testing';
import { apiServerContract } from '../contract/api-server.contract.ts';
import { Box } from '../contract/box.ts';

apiServerContract(() => inMemoryApiServer({ clock: virtualClock(), resources: [Box] }).client());
