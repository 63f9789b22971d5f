import { once } from "node:events";
import { Agent, type IncomingMessage, request } from "node:http";
import { text } from "node:stream/consumers";

/** How registrations come in. */
export type RegistrationLoad = {
  url: string;
  /** So many people register at a time, each waiting for the answer. */
  atOnce: number;
  /** Keeps this run's e-mail addresses apart from other runs'. */
  run: string;
};

/**
 * Registers one person after the other until told to stop; gives how many a second.
 *
 * @throws Error when a registration is not answered with 201
 */
export async function registerPeople({ url, atOnce, run }: RegistrationLoad, until: AbortSignal): Promise<number> {
  let registered = 0;
  let next = 0;
  const begun = performance.now();
  const registerOneByOne = async () => {
    while (!until.aborted) {
      next += 1;
      await registerOne(url, `${run}.${next}@mail.example`);
      registered += 1;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, registerOneByOne));
  return (registered * 1000) / (performance.now() - begun);
}

/** Kept open between requests. `fetch` would take a tenth of the processors for itself. */
const agent = new Agent({ keepAlive: true });

/** Registers one person. @throws Error when that is not answered with 201 */
export async function registerOne(url: string, email: string): Promise<void> {
  const body = JSON.stringify({
    email,
    password: "a long walk to the harbour",
    fname: "Adaeze",
    lname: "Okafor",
    date_of_birth: "1990-04-17",
    country: "NG",
  });
  const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
  const sent = request(`${url}/users/register`, { method: "POST", agent, headers }).end(body);
  const [answer] = (await once(sent, "response")) as [IncomingMessage];
  const answered = await text(answer);
  if (answer.statusCode !== 201) throw new Error(`A registration was answered with ${answer.statusCode}: ${answered}`);
}
