import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Connection } from '../../src/transport/connection.ts';
import { tcpRelay } from '../tcp-relay.ts';
import { callOf, type Verb } from './call.ts';
import { checked, type Fault, FaultPlan, type FaultRule } from './fault.ts';
import { refusalOf } from './refusal.ts';
import { begin, breakOff, sent, type Certificate, type Request, type Response, tlsServer } from './tls-server.ts';
import { passedOn, Upstream } from './upstream.ts';

export interface FaultProxyOptions {
  /** The server behind. Who calls is told to it by headers alone: clients with certificates are nobody to it. */
  readonly target: Required<Pick<Connection, 'server' | 'ca'>>;
  /** What the proxy shows to clients, for the loopback address. */
  readonly certificate: Certificate;
  readonly seed: number;
  /** Whether clients may speak HTTP/2; true unless given. */
  readonly http2?: boolean;
}

/** What came by since the start. */
export interface Tally {
  readonly calls: Readonly<Partial<Record<Verb, number>>>;
  readonly faults: Readonly<Partial<Record<Fault['kind'], number>>>;
  readonly connections: number;
}

/** Stands before an API server and does to its clients what networks and servers do. */
export interface FaultProxy {
  /** Where clients find it. */
  readonly server: string;
  /** From now on calls meet these faults instead of those ordered before; connections that went silent stay so. */
  order(rules: readonly FaultRule[]): void;
  tally(): Tally;
  /** Ends all connections and refuses new ones until {@link accept}, as while the server restarts. */
  refuse(): void;
  accept(): Promise<void>;
  close(): void;
}

/** Starts a proxy without faults. */
export async function faultProxy({ target, certificate, seed, http2 = true }: FaultProxyOptions): Promise<FaultProxy> {
  const plan = new FaultPlan(seed);
  const upstream = new Upstream(target.server, target.ca);
  const calls: Partial<Record<Verb, number>> = {};
  const faults: Partial<Record<Fault['kind'], number>> = {};
  const timers = new Set<NodeJS.Timeout>();
  const later = (ms: number, act: () => void) => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      act();
    }, ms);
    timers.add(timer);
  };

  const exchange = async (request: Request, response: Response): Promise<void> => {
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const call = callOf(request.method ?? 'GET', request.url ?? '/');
    const { fault, within } = plan.next(call);
    calls[call.verb] = (calls[call.verb] ?? 0) + 1;
    if (fault !== undefined) faults[fault.kind] = (faults[fault.kind] ?? 0) + 1;

    const refusal = fault && refusalOf(fault);
    if (refusal !== undefined) {
      request.resume();
      begin(response, refusal.code, refusal.headers);
      response.end(refusal.body);
      return;
    }
    if (fault?.kind === 'latency') await delay(within(fault.delay), undefined, gone);
    if (fault?.kind === 'drop') later(within(fault.after), () => breakOff(response));
    if (fault?.kind === 'half-open') {
      const { remotePort } = request.socket;
      later(within(fault.after), () => relay.silence(remotePort));
    }
    const answer = await upstream.send(request, gone.signal);
    if (fault?.kind === 'lost answer') {
      await answer.toArray();
      breakOff(response);
      return;
    }
    begin(response, answer.statusCode ?? 502, passedOn(answer.headers));
    if (fault?.kind === 'cut answer') {
      const body = Buffer.concat((await answer.toArray()) as Buffer[]);
      await sent(response, body.subarray(0, body.length / 2));
      breakOff(response);
      return;
    }
    await pipeline(answer, response);
  };

  const behind = await tlsServer(certificate, { http2 }, (request, response) => {
    // Whatever ends the server's answer before its end ends the client's too.
    exchange(request, response).catch(() => breakOff(response));
  });
  const relay = await tcpRelay(behind.port);
  return {
    server: `https://127.0.0.1:${relay.port}`,
    order: (rules) => void (plan.rules = checked(rules)),
    tally: () => ({ calls: { ...calls }, faults: { ...faults }, connections: relay.made() }),
    refuse: () => relay.refuse(),
    accept: () => relay.accept(),
    close() {
      for (const timer of timers) clearTimeout(timer);
      relay.close();
      behind.close();
      upstream.close();
    },
  };
}
