import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { headersTooLarge, invalidRequest, requestTimeout } from "../errors/common.ts";
import type { DeclaredError } from "../errors/index.ts";
import type { Ids } from "../ids/index.ts";
import { toProblem } from "./problems.ts";
import { securityHeaders } from "./security-headers.ts";

/**
 * Answers what Node's parser refuses before there is a request: bytes that are not HTTP/1.1 (RFC 9112), too many
 * headers, a client that is too slow. The connection is closed, as nothing after the fault can be trusted.
 */
export function answerClientErrors(options: { ids: Ids; publicUrl: string }) {
  return (error: Error & { code?: string }, socket: Socket): void => {
    if (error.code === "ECONNRESET" || !socket.writable) {
      socket.destroy();
      return;
    }
    const problem = toProblem(describe(error.code), options.ids.requestId(), options.publicUrl);
    const body = JSON.stringify(problem);
    const head = [
      `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
      "content-type: application/problem+json",
      `content-length: ${Buffer.byteLength(body)}`,
      "cache-control: no-store",
      ...Object.entries(securityHeaders).map(([name, value]) => `${name}: ${value}`),
      "connection: close",
    ];
    socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
  };
}

function describe(code: string | undefined): DeclaredError {
  if (code === "HPE_HEADER_OVERFLOW") return headersTooLarge();
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") return requestTimeout();
  return invalidRequest({ errors: { request: ["is not valid HTTP/1.1"] } });
}
