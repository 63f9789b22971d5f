import { ask } from "./ask.ts";

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

/** Registers one person. @throws Error when that is not answered with 201 */
async function registerOne(url: string, email: string): Promise<void> {
  const person = {
    email,
    password: "a long walk to the harbour",
    fname: "Adaeze",
    lname: "Okafor",
    date_of_birth: "1990-04-17",
    country: "NG",
  };
  const { status, body } = await ask(`${url}/users/register`, { json: person });
  if (status !== 201) throw new Error(`A registration was answered with ${status}: ${body}`);
}
