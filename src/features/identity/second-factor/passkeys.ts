import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from "@simplewebauthn/server";
import type { SecondFactorRow } from "./second-factors.queries.ts";

/** For which site passkeys count: they are bound to its name and answer to its origin only. */
export type PasskeySite = { name: string; rpId: string; origin: string };

/** The site of PUBLIC_URL. */
export function passkeySiteOf(publicUrl: string): PasskeySite {
  const { hostname, origin } = new URL(publicUrl);
  return { name: "Usher", rpId: hostname, origin };
}

/** Loaded with its first use: it brings 250 modules with it, and most processes see no passkey for a long time. */
const webauthn = () => import("@simplewebauthn/server");

/** Ed25519, ES256, RS256 (COSE). */
const algorithms = [-8, -7, -257];
const challengeMilliseconds = 300_000;

type Known = Pick<SecondFactorRow, "credential_id" | "transports">;

const describe = (factors: readonly Known[]) =>
  factors.flatMap(({ credential_id: id, transports }) => (id === null ? [] : [{ id, transports: transports ?? [] }]));

/** What the browser needs to make a passkey (`navigator.credentials.create`). `challenge` is base64url. */
export async function offerCreation(
  site: PasskeySite,
  person: { userId: string; label: string; challenge: string; existing: readonly Known[] },
): Promise<PublicKeyCredentialCreationOptionsJSON> {
  const { generateRegistrationOptions } = await webauthn();
  return generateRegistrationOptions({
    rpName: site.name,
    rpID: site.rpId,
    userID: new Uint8Array(Buffer.from(person.userId.replaceAll("-", ""), "hex")),
    userName: person.label,
    challenge: new Uint8Array(Buffer.from(person.challenge, "base64url")),
    timeout: challengeMilliseconds,
    attestationType: "none",
    excludeCredentials: describe(person.existing),
    authenticatorSelection: { residentKey: "preferred", userVerification: "preferred" },
    supportedAlgorithmIDs: algorithms,
  });
}

/** What the browser needs to use one of the person's passkeys (`navigator.credentials.get`). */
export async function offerRequest(
  site: PasskeySite,
  { challenge, existing }: { challenge: string; existing: readonly Known[] },
): Promise<PublicKeyCredentialRequestOptionsJSON> {
  const { generateAuthenticationOptions } = await webauthn();
  return generateAuthenticationOptions({
    rpID: site.rpId,
    allowCredentials: describe(existing),
    challenge: new Uint8Array(Buffer.from(challenge, "base64url")),
    timeout: challengeMilliseconds,
    userVerification: "preferred",
  });
}

/** A passkey that was made for us, ready to be kept. */
export type NewPasskey = { credentialId: string; publicKey: Buffer; signCount: number; transports: string[] };

/** Reads what the browser made (WebAuthn section 7.1); undefined where anything about it is wrong. */
export async function readCreation(
  site: PasskeySite,
  { response, challenge }: { response: RegistrationResponseJSON; challenge: string },
): Promise<NewPasskey | undefined> {
  try {
    if (!(await isPlainAttestation(response))) return undefined;
    const { verifyRegistrationResponse } = await webauthn();
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response,
      expectedChallenge: challenge,
      expectedOrigin: site.origin,
      expectedRPID: site.rpId,
      requireUserVerification: false,
      supportedAlgorithmIDs: algorithms,
    });
    if (!verified) return undefined;
    const { id, publicKey, counter } = registrationInfo.credential;
    const transports = response.response.transports ?? [];
    return { credentialId: id, publicKey: Buffer.from(publicKey), signCount: counter, transports };
  } catch {
    // The library tells by errors what is wrong, and quotes what it was given.
    return undefined;
  }
}

/**
 * We ask for no attestation, and browsers then send none or one that the key signed itself. Anything with certificates
 * is refused unread: checking them would fetch revocation lists from addresses that the sender chooses.
 */
async function isPlainAttestation({ response }: RegistrationResponseJSON): Promise<boolean> {
  const { decodeAttestationObject } = await import("@simplewebauthn/server/helpers");
  const attestation = decodeAttestationObject(new Uint8Array(Buffer.from(response.attestationObject, "base64url")));
  const format = attestation.get("fmt");
  return format === "none" || (format === "packed" && attestation.get("attStmt").get("x5c") === undefined);
}

/** Reads a passkey's answer to a challenge (WebAuthn section 7.2): its new counter, or undefined where it is wrong. */
export async function readAssertion(
  site: PasskeySite,
  { response, challenge, factor }: { response: AuthenticationResponseJSON; challenge: string; factor: SecondFactorRow },
): Promise<number | undefined> {
  if (factor.credential_id === null || factor.public_key === null) return undefined;
  try {
    const { verifyAuthenticationResponse } = await webauthn();
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response,
      expectedChallenge: challenge,
      expectedOrigin: site.origin,
      expectedRPID: site.rpId,
      requireUserVerification: false,
      credential: {
        id: factor.credential_id,
        publicKey: new Uint8Array(factor.public_key),
        counter: Number(factor.sign_count),
      },
    });
    return verified ? authenticationInfo.newCounter : undefined;
  } catch {
    return undefined;
  }
}
