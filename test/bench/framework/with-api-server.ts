import type { Client } from '@dot-kube/operator';
import { ensureCommands } from '../../../scripts/setup/go-commands.ts';
import { withControlPlane } from '../../support/with-control-plane.ts';
import type { Say } from '../report.ts';
import type { ApiAccess } from './contender.ts';
import { Sample } from './sample.ts';

/** An etcd and a kube-apiserver that serves samples, up for as long as the work takes, and gone afterwards. */
export async function withApiServer<T>(say: Say, work: (api: ApiAccess, client: Client) => Promise<T>): Promise<T> {
  const binaries = await ensureCommands(['etcd', 'kube-apiserver'], say);
  say('starting the API server');
  return withControlPlane(
    { binaries, kinds: [Sample], client: { userAgent: 'bench' } },
    ({ server, caPath, adminToken: token }, client) => work({ server, caPath, token }, client),
  );
}
