import { BlockList, isIPv6 } from "node:net";
import type { Agent } from "undici";

/** Addresses that lead inside: IANA's special-purpose registries (RFC 6890 and successors), loopback and private ones first. */
const inside = new BlockList();
for (const [network, prefix] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3],
] as const) {
  inside.addSubnet(network, prefix, "ipv4");
}
for (const [network, prefix] of [
  ["::", 128],
  ["::1", 128],
  ["64:ff9b::", 96],
  ["64:ff9b:1::", 48],
  ["100::", 64],
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["fc00::", 7],
  ["fe80::", 10],
  ["ff00::", 8],
] as const) {
  inside.addSubnet(network, prefix, "ipv6");
}

/** Whether an address literal belongs to the public internet. IPv4 in IPv6 clothes (`::ffff:127.0.0.1`) is read as IPv4. */
export function isPublicAddress(address: string): boolean {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  const plain = mapped ?? address;
  return !inside.check(plain, isIPv6(plain) ? "ipv6" : "ipv4");
}

const refusal = "OUTSIDE_ADDRESS_REFUSED";

/** Whether a call failed because the address was not public. */
export function isAddressRefusal(error: unknown): boolean {
  return (error as { code?: unknown } | undefined)?.code === refusal;
}

/**
 * Connections to public addresses only. The address is read from the connected socket, so that no name, notation or
 * second look-up leads past it.
 */
export async function createPublicOnlyAgent(): Promise<Agent> {
  const { Agent, buildConnector } = await import("undici");
  const connect = buildConnector({});
  return new Agent({
    connect: (options, callback) =>
      connect(options, (error, socket) => {
        if (error) return callback(error, null);
        if (isPublicAddress(socket.remoteAddress ?? "::")) return callback(null, socket);
        socket.destroy();
        callback(Object.assign(new Error("The host leads to an address inside."), { code: refusal }), null);
      }),
  });
}
