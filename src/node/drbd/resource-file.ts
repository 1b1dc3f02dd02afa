import { isIP } from 'node:net';
import type { DrbdLeg, DrbdPair, DrbdResourceFile } from '../../api/observed/index.ts';
import { refuse } from '../refuse.ts';

export const configurationFolder = '/etc/drbd.d';
export const pathOf = (name: string): string => `${configurationFolder}/hwameistor-${name}.res`;

/** First line of each file of ours; one without it is somebody else's. */
const header = '# Written by HwameiStor; changes by hand are overwritten.';
export const isOurs = (text: string): boolean => text.startsWith(`${header}\n`);
/** Begins the line that holds the tags. */
const tagMark = '# Tags: ';

/**
 * The names of this node: Kubernetes' name picks its leg, and that leg is written under the host's own name, which DRBD
 * compares with `uname -n`.
 */
export interface LocalNames {
  readonly node: string;
  readonly hostname: string;
}

/**
 * A pair as drbd.conf(5) wants it.
 * @throws CommandError `DRBD_BAD_CONFIG`, `BAD_NAME`
 */
export function renderResource(pair: DrbdPair, local: LocalNames): string {
  const command = `write ${pathOf(pair.name)}`;
  checkPair(pair, local, command);
  const legs = pair.legs.map((leg) => renderLeg(leg, pair, leg.node === local.node ? local.hostname : leg.node));
  // ping-timeout is in tenths of a second. DRBD's own half a second is shorter than a busy hypervisor may leave a node
  // unscheduled, and each miss costs the pair its connection, and a primary its I/O until that is answered.
  return `${header}
${tagMark}${pair.tags.join(' ')}
resource "${pair.name}" {
    options {
        on-no-data-accessible suspend-io;
    }
    net {
        protocol C;
        cram-hmac-alg sha256;
        shared-secret "${pair.secret}";
        after-sb-0pri disconnect;
        after-sb-1pri disconnect;
        after-sb-2pri disconnect;
        ping-int 3;
        ping-timeout 20;
        timeout 30;
        max-buffers 8000;
    }
    disk {
        on-io-error detach;
        fencing ${pair.fencing};
        c-plan-ahead 0;
        resync-rate 200M;
    }
${legs.join('')}}
`;
}

function renderLeg(leg: DrbdLeg, { minor, port }: DrbdPair, hostname: string): string {
  const address = isIP(leg.ip) === 6 ? `ipv6 [${leg.ip}]:${port}` : `ipv4 ${leg.ip}:${port}`;
  return `    on "${hostname}" {
        volume 0 {
            device minor ${minor};
            disk "${leg.disk}";
            meta-disk "${leg.metadata}";
        }
        address ${address};
    }
`;
}

/** Everything that goes into the file must be what it claims to be, or it could end a line and begin another. */
function checkPair({ name, tags, minor, port, secret, legs }: DrbdPair, local: LocalNames, command: string): void {
  checkResourceName(name, command);
  const expect = (isSo: boolean, what: string): void => {
    if (!isSo) refuse('DRBD_BAD_CONFIG', command, what);
  };
  expect(Number.isInteger(minor) && minor >= 0 && minor < 2 ** 20, `minor ${minor}`);
  expect(Number.isInteger(port) && port > 0 && port < 2 ** 16, `port ${port}`);
  for (const tag of tags) expect(/^[\w+./=!:#&-]+$/.test(tag), `tag "${tag}"`);
  expect(/^[\w+/=.-]{1,63}$/.test(secret), 'the shared secret takes 1 to 63 letters, digits and + / = . - _');
  expect(legs[0].node !== legs[1].node, `both legs are on ${legs[0].node}`);
  expect(
    legs.some(({ node }) => node === local.node),
    `no leg is on ${local.node}`,
  );
  for (const { node, ip, disk, metadata } of legs) {
    expect(/^[A-Za-z0-9][A-Za-z0-9.-]{0,252}$/.test(node), `node name "${node}"`);
    expect(isIP(ip) > 0, `address "${ip}"`);
    for (const device of [disk, metadata]) expect(/^\/dev\/[\w/+.-]+$/.test(device), `device "${device}"`);
  }
}

/** @throws CommandError `BAD_NAME` for what is no name of a resource, or would lead out of the folder */
export function checkResourceName(name: string, command: string): void {
  if (!/^[A-Za-z0-9][\w.-]{0,126}$/.test(name)) refuse('BAD_NAME', command, `"${name}"`);
}

/** What a resource file takes; a file may describe several resources, or none. */
export function parseResourceFile(path: string, text: string): DrbdResourceFile[] {
  const ours = isOurs(text);
  const tags = ours ? (text.split('\n').find((line) => line.startsWith(tagMark)) ?? '').slice(tagMark.length) : '';
  const bare = text.replaceAll(/^\s*#.*$/gm, '');
  const sections = bare.split(/^\s*resource\s+/m).slice(1);
  return sections.map((section) => {
    const numbers = (pattern: RegExp): number[] => [
      ...new Set([...section.matchAll(pattern)].map((match) => Number(match[1]))),
    ];
    return {
      path,
      name: /^"?([^"\s{]+)"?/.exec(section)?.[1] ?? '',
      ours,
      tags: tags.split(' ').filter((tag) => tag !== ''),
      minors: numbers(/\bdevice\b[^;{]*?(?:minor\s+|\/dev\/drbd)(\d+)/g),
      ports: numbers(/\baddress\b[^;]*:(\d+)\s*;/g),
    };
  });
}
