import type { Logger } from "../../../../foundation/logging/index.ts";
import type { CallOutside } from "../../../../foundation/outbound/index.ts";
import { providerUnavailable } from "../../errors.ts";
import type { StartedSession, WebhookContent } from "../../port.ts";
import { fieldsOf, textOf } from "../read-fields.ts";
import { callVeriff, type VeriffAccount } from "./call-veriff.ts";
import { readDecision } from "./read-decision.ts";

type ClientDeps = { account: VeriffAccount; callOutside: CallOutside; log: Logger };

/**
 * POST /v1/sessions. Of the person only our opaque id goes out: name and birth date are read from the document, and what
 * is not sent cannot leak.
 *
 * @throws verification-provider-unavailable
 */
export async function startVeriffSession(
  deps: ClientDeps,
  { userId, callback }: { userId: string; callback: string },
): Promise<StartedSession> {
  const body = JSON.stringify({ verification: { callback, vendorData: userId } });
  const { json } = await callVeriff(deps, { method: "POST", path: "/sessions", body });
  const verification = fieldsOf(fieldsOf(json)?.verification);
  const providerSessionId = textOf(verification?.id, 200);
  const url = textOf(verification?.url, 2000);
  if (providerSessionId === null || url === null || !isPage(url, deps.account.baseUrl)) {
    deps.log.error("the verification provider opened a session without an id or a page", { provider: "veriff" });
    throw providerUnavailable();
  }
  return {
    providerSessionId,
    url,
    sessionToken: textOf(verification?.sessionToken, 4000),
    providerStatus: textOf(verification?.status, 60) ?? "created",
  };
}

/** People are sent there: https, or http where the provider itself is spoken to by http (the local double). */
function isPage(url: string, baseUrl: string): boolean {
  const protocol = URL.parse(url)?.protocol;
  return protocol === "https:" || (protocol === "http:" && baseUrl.startsWith("http:"));
}

/**
 * GET /v1/sessions/{id}/decision. A verdict counts only with the answer's own signature: opening a session does without,
 * since nothing is decided by it.
 *
 * @throws verification-provider-unavailable
 */
export async function fetchVeriffDecision(deps: ClientDeps, sessionId: string): Promise<WebhookContent | undefined> {
  const path = `/sessions/${encodeURIComponent(sessionId)}/decision`;
  const { json, signed } = await callVeriff(deps, { method: "GET", path, signedId: sessionId });
  const root = fieldsOf(json);
  if (!root || root.verification === null || root.verification === undefined) return undefined;
  if (!signed) {
    deps.log.error("a decision of the verification provider bears no signature", { provider: "veriff" });
    throw providerUnavailable();
  }
  return readDecision(root);
}
