import { inCluster, type KubernetesClient, kubernetesClient, type RequestObserver } from '@dot-kube/operator';

/**
 * The API server as every pod is given it. SERVICE_ACCOUNT_DIR names another folder with token and ca.crt, for a process
 * that runs in no pod.
 */
export async function connect(userAgent: string, observe?: RequestObserver): Promise<KubernetesClient> {
  const connection = await inCluster(process.env, process.env['SERVICE_ACCOUNT_DIR']);
  return kubernetesClient(connection, { userAgent, ...(observe && { observe }) });
}
