import { join } from 'node:path';
import { csiDriverName } from '../../api/names.ts';
import { keepServing } from '../grpc/keep-serving.ts';
import { serveOnSocket } from '../grpc/server.ts';
import { translateError } from '../grpc/translate-error.ts';
import { identityService } from '../identity/identity.ts';
import { registrationService } from '../registration/registration-service.ts';
import type { NodeContext } from './context.ts';
import { keepRecords } from './keep-records.ts';
import { nodeService } from './node-service.ts';
import { NodeVolumes } from './node-volumes.ts';

/**
 * Serves kubelet's calls until the agent ends: first the driver, then the socket by which kubelet finds it. Both are made
 * anew when kubelet's folder is.
 */
export async function serveNode(
  context: NodeContext,
  options: { version: string; mostVolumes: number },
): Promise<void> {
  const { node, kubeletDir, clock, log, until } = context;
  const endpoint = join(kubeletDir, 'plugins', csiDriverName, 'csi.sock');
  const registration = join(kubeletDir, 'plugins_registry', `${csiDriverName}-reg.sock`);
  const volumes = new NodeVolumes(context);
  const offered = [
    identityService({ version: options.version, isReady: () => true }),
    nodeService({ node, volumes, mostVolumes: options.mostVolumes }),
  ];
  const serve = (path: string, services: typeof offered) => () =>
    serveOnSocket(path, services, { log, translate: translateError });
  await Promise.all([
    keepRecords(context, volumes),
    keepServing(endpoint, serve(endpoint, offered), { clock, until }),
    keepServing(registration, serve(registration, [registrationService({ endpoint, log })]), { clock, until }),
  ]);
}
