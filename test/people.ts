import type { Person, TestUsher } from "./harness.ts";

/** Registers, confirms and logs in many people, each step for all at once. */
export async function createPeople(usher: TestUsher, count: number): Promise<Person[]> {
  const registered = await Promise.all(Array.from({ length: count }, () => usher.register()));
  await usher.jobs.drain();
  for (const { email } of registered) {
    const body = { email, confirmation_code: await usher.newestCode(email) };
    const confirmed = await usher.send("POST", "/users/confirm", { body });
    if (confirmed.status !== 200) throw new Error(`Confirmation answered ${confirmed.status}: ${confirmed.text}`);
  }
  return Promise.all(registered.map(async (person) => ({ ...person, ...(await usher.logIn(person.email)) })));
}

/** A person with an open verification; `sessionId` is the provider's. */
export type Verifying = Person & { sessionId: string };

/** People who have each started a verification. */
export async function createVerifying(usher: TestUsher, count: number): Promise<Verifying[]> {
  const people = await createPeople(usher, count);
  return Promise.all(
    people.map(async (person) => {
      const { status, body, text } = await usher.send("POST", "/ekyc/me/sessions", { body: {}, token: person.token });
      if (status !== 200) throw new Error(`Starting a verification answered ${status}: ${text}`);
      return { ...person, sessionId: body.id as string };
    }),
  );
}

/** How often each answer came: `{ "201": 1, "409 email-already-exists": 63 }`. */
export function tally(
  answers: readonly { status: number; body: { errorCode?: string } | undefined }[],
): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status, body } of answers) {
    const name = body?.errorCode ? `${status} ${body.errorCode}` : String(status);
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

/** The results of `count` calls begun at the same moment. */
export function together<Result>(count: number, call: (index: number) => Promise<Result>): Promise<Result[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => call(index)));
}
