import { X509Certificate } from 'node:crypto';
import { expect, onTestFinished, test, vi } from 'vitest';
import { inMemoryApiServer, interceptWrites, virtualClock } from '../../testing/index.ts';
import { builtin, type WebhookConfiguration } from '../builtin.ts';
import type { Client } from '../client.ts';
import { silentLog, type Log } from '../log.ts';
import { Box, box, reviewOf } from './box.builder.ts';
import { call, shownBy } from './client.builder.ts';
import { allow, mutate } from './review/verdict.ts';
import { mutating, validating } from './review/handler.ts';
import { webhooks } from './webhooks.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const service = { namespace: 'ns', name: 'hook' };
const configurations = { validating: ['boxes'], mutating: ['boxes'] };
const handlers = [
  validating({ path: '/box', resource: Box, review: () => allow() }),
  mutating({ path: '/grow', resource: Box, review: ({ object }) => mutate({ ...object!, spec: { size: 2 } }) }),
];

/** Time stands at `ageMs` before now, so that certificates made after so long are valid to those who connect. */
function world(ageMs = 0) {
  const clock = virtualClock(Date.now() - ageMs);
  const client = inMemoryApiServer({ clock, resources: [] }).client();
  /** Time goes on meanwhile, for passes that were cut short by a leap of it. */
  const until = (holds: () => Promise<unknown>) =>
    vi.waitFor(
      () => {
        clock.advance(100);
        return holds();
      },
      { timeout: 5000, interval: 5 },
    );
  const secret = () => client.get(builtin.Secret, 'hook-certificates', { namespace: 'ns' });
  const held = async (key: string) => Buffer.from((await secret())?.data?.[key] ?? '', 'base64').toString();
  const resources = [builtin.ValidatingWebhookConfiguration, builtin.MutatingWebhookConfiguration];
  const configure = () =>
    Promise.all(resources.map((resource) => client.create(resource, configurationOf('boxes.example.io'))));
  const bundles = async () => {
    const found = await Promise.all(resources.map((resource) => client.get(resource, 'boxes')));
    const decoded = found.flatMap((one) =>
      one!.webhooks!.map(({ clientConfig }) => Buffer.from(clientConfig.caBundle ?? '', 'base64').toString()),
    );
    return [...new Set(decoded)];
  };
  /** All webhooks trust just what the Secret says. @returns that */
  const published = async () => {
    await until(async () => expect(await bundles()).toEqual([await held('ca.crt')]));
    return held('ca.crt');
  };
  const replica = async (as: Client = client, log: Log = silentLog) => {
    const options = { client: as, clock, log, handlers, service, configurations, port: 0, host: '127.0.0.1' };
    const hooks = webhooks(options);
    const stop = new AbortController();
    const running = hooks.run(stop.signal);
    onTestFinished(async () => {
      stop.abort();
      await running;
    });
    return hooks.listening;
  };
  return { clock, client, until, secret, held, configure, published, replica };
}

const configurationOf = (...names: string[]): WebhookConfiguration => ({
  metadata: { name: 'boxes' },
  webhooks: names.map((name) => ({
    name,
    clientConfig: { service: { ...service, path: '/box' } },
    admissionReviewVersions: ['v1'],
    sideEffects: 'None',
  })),
});

const authoritiesIn = (bundle: string) => bundle.split(/(?<=-----END CERTIFICATE-----\n)/).filter((pem) => pem !== '');
const shown = async (port: number, bundle: string) => new X509Certificate((await shownBy(port, bundle)).raw).toString();

test('a webhook that starts with nothing is trusted by what it puts into its configurations', async () => {
  const { configure, published, replica, secret } = world();
  await configure();
  const port = await replica();
  const answer = await call({ port, ca: await published(), path: '/grow', body: JSON.stringify(reviewOf(box(1))) });
  expect(JSON.parse(answer.body)).toMatchObject({ response: { allowed: true, patchType: 'JSONPatch' } });
  expect(Object.keys((await secret())!.data!).sort()).toEqual(['ca.crt', 'tls.crt', 'tls.key']);
});

test('a caBundle that someone changes is put right, also in a webhook that is added, and the rest is left alone', async () => {
  const { client, configure, published, replica } = world();
  await configure();
  await replica();
  await published();
  const resource = builtin.ValidatingWebhookConfiguration;
  const [webhook] = configurationOf('first.example.io').webhooks!;
  const changed = { ...webhook!, timeoutSeconds: 3, clientConfig: { ...webhook!.clientConfig, caBundle: 'AAAA' } };
  const [added] = configurationOf('second.example.io').webhooks!;
  await client.patch(resource, 'boxes', { webhooks: [changed, added] });
  const caBundle = Buffer.from(await published()).toString('base64');
  expect((await client.get(resource, 'boxes'))?.webhooks).toEqual([
    { ...changed, clientConfig: { ...changed.clientConfig, caBundle } },
    { ...added, clientConfig: { ...added!.clientConfig, caBundle } },
  ]);
});

test('a configuration that comes later is told whom to trust', async () => {
  const { configure, published, replica } = world();
  const port = await replica();
  await configure();
  await shownBy(port, await published());
});

test('replicas that start together agree on one certificate', async () => {
  const { configure, published, replica } = world();
  await configure();
  const ports = await Promise.all([replica(), replica(), replica()]);
  const bundle = await published();
  expect(authoritiesIn(bundle)).toHaveLength(1);
  const [first, ...others] = await Promise.all(ports.map((port) => shown(port, bundle)));
  expect(others).toEqual([first, first]);
});

test('a certificate is replaced in time by all replicas, and each is trusted as long as anyone shows it', async () => {
  const { clock, configure, published, replica, held, until } = world(61 * dayMs);
  await configure();
  const ports = await Promise.all([replica(), replica()]);
  const [old] = authoritiesIn(await published());
  const before = await held('tls.crt');

  clock.advance(60 * dayMs);
  await until(async () => expect(await held('next.crt')).not.toBe(''));
  const staged = await published();
  expect(authoritiesIn(staged)).toEqual([expect.any(String), old]);
  for (const port of ports) expect(await shown(port, staged)).toBe(before);

  clock.advance(hourMs + 61_000);
  await until(async () => expect(await held('next.crt')).toBe(''));
  const after = await held('tls.crt');
  expect(after).not.toBe(before);
  const bundle = await published();
  expect(bundle).toBe(staged);
  for (const port of ports) await until(async () => expect(await shown(port, bundle)).toBe(after));
  expect(new X509Certificate(before).verify(new X509Certificate(old!).publicKey)).toBe(true);

  clock.advance(30 * dayMs);
  await until(async () => expect(authoritiesIn(await held('ca.crt'))).toEqual([authoritiesIn(staged)[0]]));
  await published();
  expect(await held('tls.crt')).toBe(after);
});

test('a successor waits until the API server was told of its authority', async () => {
  const { clock, client, configure, published, replica, held, until } = world();
  await configure();
  let refuses = false;
  const guarded = interceptWrites(client, ({ resource }, act) =>
    refuses && resource.endsWith('admissionregistration.k8s.io') ? Promise.reject(new Error('not now')) : act(),
  );
  await replica(guarded);
  await published();
  refuses = true;
  clock.advance(60 * dayMs);
  await until(async () => expect(await held('next.crt')).not.toBe(''));
  const successor = await held('next.crt');
  for (let minute = 0; minute < 120; minute += 1) {
    clock.advance(60_000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(await held('next.crt')).toBe(successor);
  refuses = false;
  clock.advance(61_000);
  await published();
  clock.advance(61_000);
  await until(async () => expect(await held('tls.crt')).toBe(successor));
});

test('when the clock jumps past the end of all certificates, new ones are made at once', async () => {
  const { clock, configure, published, replica, held, until } = world(366 * dayMs);
  await configure();
  const port = await replica();
  const [old] = authoritiesIn(await published());
  clock.advance(366 * dayMs);
  await until(async () => expect(await held('ca.crt')).not.toBe(old));
  const bundle = await published();
  expect(authoritiesIn(bundle)).toHaveLength(1);
  await until(() => shownBy(port, bundle));
});

test('a Secret that is deleted is made anew', async () => {
  const { client, configure, published, replica, held, until } = world();
  await configure();
  const port = await replica();
  const old = await published();
  await client.delete(builtin.Secret, 'hook-certificates', { namespace: 'ns' });
  await until(async () => expect([old, '']).not.toContain(await held('ca.crt')));
  const bundle = await published();
  await until(() => shownBy(port, bundle));
});

test('a Secret that was made empty for us is filled', async () => {
  const { client, configure, published, replica } = world();
  const metadata = { name: 'hook-certificates', namespace: 'ns', labels: { app: 'hook' } };
  await client.create(builtin.Secret, { metadata, type: 'dot-kube.io/webhook-certificates' });
  await configure();
  const port = await replica();
  await shownBy(port, await published());
  expect((await client.get(builtin.Secret, 'hook-certificates', { namespace: 'ns' }))?.metadata.labels).toEqual({
    app: 'hook',
  });
});

test('a Secret that is not ours is left alone, and nobody is told to trust it', async () => {
  const { client, clock, secret, configure, published, replica, until } = world();
  const metadata = { name: 'hook-certificates', namespace: 'ns' };
  const theirs = await client.create(builtin.Secret, {
    metadata,
    type: 'kubernetes.io/tls',
    data: { 'ca.crt': 'AAAA' },
  });
  const [validatingBefore] = await configure();
  const listening = replica();
  await until(async () => expect(clock.next()).toBeDefined());
  for (let turn = 0; turn < 100; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  expect(await secret()).toEqual(theirs);
  expect(await client.get(builtin.ValidatingWebhookConfiguration, 'boxes')).toEqual(validatingBefore);

  await client.delete(builtin.Secret, 'hook-certificates', { namespace: 'ns' });
  await shownBy(await listening, await published());
});

test('a replica whose certificates another undoes waits before it makes new ones', async () => {
  const { client, clock, configure, published, replica, held, until } = world();
  await configure();
  const error = vi.fn<Log['error']>();
  const log: Log = { ...silentLog, error, child: () => log };
  await replica(client, log);
  await published();
  await client.patch(builtin.Secret, 'hook-certificates', { data: { 'tls.crt': '' } }, { namespace: 'ns' });
  await vi.waitFor(() => expect(error).toHaveBeenCalledWith({}, expect.stringContaining('Another replica undoes')));
  expect(await held('tls.crt')).toBe('');
  clock.advance(60_000);
  await until(async () => expect(await held('tls.crt')).not.toBe(''));
});

test('what is as it should be is left in peace', async () => {
  const { client, clock, configure, published, replica } = world();
  await configure();
  const writes: string[] = [];
  const watched = interceptWrites(client, ({ verb, resource }, act) => {
    writes.push(`${verb} ${resource}`);
    return act();
  });
  const port = await replica(watched);
  const bundle = await published();
  await shownBy(port, bundle);
  const before = writes.length;
  for (let minute = 0; minute < 60; minute += 1) {
    clock.advance(60_000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(writes.slice(before)).toEqual([]);
});
