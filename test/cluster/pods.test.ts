import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeOnCluster, pod, readiness } from './harness/cluster.ts';
import { apply, eventually } from './harness/kubectl.ts';

const nodes = ['node1', 'node2'];
const serve = 'mkdir /www && hostname > /www/name && echo serving && exec httpd -f -p 8080 -h /www';

describeOnCluster('a lab with real kubelets', (lab) => {
  beforeAll(async () => {
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'names' },
      spec: { selector: { app: 'names' }, ports: [{ port: 80, targetPort: 8080 }] },
    };
    await apply(lab(), service, ...nodes.map((node) => pod(`on-${node}`, node, serve, { app: 'names' })));
    for (const node of nodes)
      await eventually(
        `on-${node} running`,
        () => readiness(lab(), `on-${node}`),
        (seen) => seen === 'True 0',
      );
  });

  afterAll(async () => {
    await lab().runKubectl(['delete', 'pods', '--all', '--wait=false']);
    await lab().runKubectl(['delete', 'service', 'names']);
  });

  test('runs pods on each node, whose words and inside kubectl shows', async () => {
    for (const node of nodes) {
      expect(await lab().runKubectl(['logs', `on-${node}`])).toBe('serving\n');
      expect(await lab().runKubectl(['exec', `on-${node}`, '--', 'cat', '/www/name'])).toBe(`on-${node}\n`);
    }
  });

  test('lets pods reach each other over nodes, by a service and by the API server’s own', async () => {
    const ip = await lab().runKubectl(['get', 'pod', 'on-node2', '-o', 'jsonpath={.status.podIP}']);
    const from = (url: string) => lab().runKubectl(['exec', 'on-node1', '--', 'timeout', '10', 'wget', '-qO-', url]);
    expect(await from(`http://${ip}:8080/name`)).toBe('on-node2\n');
    const address = await lab().runKubectl(['get', 'service', 'names', '-o', 'jsonpath={.spec.clusterIP}']);
    const named = await eventually('an answer of the service', () => from(`http://${address}/name`), Boolean);
    expect(named).toMatch(/^on-node[12]\n$/);
    const ofApiServer = await lab().kubectl(['exec', 'on-node1', '--', 'nc', '-w', '10', '10.96.0.1', '443'], {
      input: '',
    });
    expect(ofApiServer).toMatchObject({ exitCode: 0 });
  });

  test('keeps pods running while kubelet is away, and the next one takes them up', async () => {
    const told = async (path: string): Promise<string> =>
      lab().runKubectl(['get', 'pod', 'on-node1', '-o', `jsonpath=${path}`]);
    const container = '{.status.containerStatuses[0].containerID}';
    const before = await told(container);
    const ip = await told('{.status.podIP}');
    await lab().node('node1').stopKubelet();
    await expect(lab().runKubectl(['exec', 'on-node1', '--', 'true'])).rejects.toThrow('10.77.0.11');
    const answer = ['exec', 'on-node2', '--', 'timeout', '10', 'wget', '-qO-', `http://${ip}:8080/name`];
    expect(await lab().runKubectl(answer)).toBe('on-node1\n');
    await lab().node('node1').startKubelet();
    const works = async (): Promise<number> => (await lab().kubectl(['exec', 'on-node1', '--', 'true'])).exitCode;
    await eventually('the new kubelet answering', works, (exitCode) => exitCode === 0);
    expect(await told(container)).toBe(before);
  });

  test('runs the pods of a node again that lost its power', async () => {
    await lab().node('node2').kill();
    await lab().node('node2').boot();
    await eventually(
      'the pod running anew',
      () => readiness(lab(), 'on-node2'),
      (seen) => seen === 'True 1',
    );
    expect(await lab().runKubectl(['exec', 'on-node2', '--', 'cat', '/www/name'])).toBe('on-node2\n');
  });
});
