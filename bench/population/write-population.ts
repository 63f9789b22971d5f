import pg from "pg";
import { composeEntries } from "./compose-entries.ts";
import { composeSessions } from "./compose-sessions.ts";
import { composeUser, uuidAt } from "./compose-user.ts";
import { copyRows } from "./copy-rows.ts";
import { type Journey, journeys, operatorJourney } from "./journeys.ts";
import { liveThrough } from "./live-through.ts";
import { createPicker, createRandom, type Random } from "./random.ts";

/** How large a population, and which one: the same numbers give the same people. */
export type PopulationPlan = {
  /** 1 to 10,000,000, operators included. */
  users: number;
  /** The first so many are of type internal-admin; at least 1. */
  operators: number;
  seed: string;
  /** The end of the population's history. */
  until: Date;
};

/** What was written. */
export type Population = { users: number; entries: number };

const batchSize = 10_000;
const spanMilliseconds = 3 * 365 * 24 * 3600 * 1000;
const pickJourney = createPicker(journeys, (journey) => journey.share);

/**
 * Adds users, their journal and their eKYC sessions to a migrated database, as its owner: by COPY, everything or nothing. A database that
 * has users already gets further ones.
 *
 * @throws Error with the remedy when the database has not been migrated
 */
export async function writePopulation(ownerUrl: string, plan: PopulationPlan): Promise<Population> {
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    const first = await findFirstNumber(client);
    await client.query("begin");
    const entries = await writeBatches(client, plan, first);
    await client.query("commit");
    await client.query("vacuum (analyze) users, journal_entries, kyc_sessions, kyc_observations");
    return { users: plan.users, entries };
  } finally {
    await client.end();
  }
}

async function findFirstNumber(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ there: boolean }>("select to_regclass('journal_leaves') is not null as there");
  if (!rows[0]?.there) throw new Error("The database has no tables yet: start Usher on it once, then generate.");
  const found = await client.query<{ next: number }>("select coalesce(max(id), 0) + 1 as next from users");
  return found.rows[0]?.next ?? 1;
}

async function writeBatches(client: pg.Client, plan: PopulationPlan, first: number): Promise<number> {
  const random = createRandom(`${plan.seed}/${first}`);
  const operatorIds: string[] = [];
  let entries = 0;
  for (let written = 0; written < plan.users; written += batchSize) {
    const size = Math.min(batchSize, plan.users - written);
    const people = Array.from({ length: size }, (_, index) =>
      composePerson(random, plan, { index: written + index, first, operatorIds }),
    );
    const history = people.flatMap((person) => person.entries);
    await copyRows(
      client,
      "users",
      people.map((person) => person.user),
    );
    await copyRows(client, "journal_entries", history);
    await copyRows(
      client,
      "kyc_sessions",
      people.flatMap(({ sessions }) => sessions),
    );
    await copyRows(
      client,
      "kyc_observations",
      people.flatMap(({ observations }) => observations),
    );
    entries += history.length;
  }
  return entries;
}

function composePerson(
  random: Random,
  plan: PopulationPlan,
  { index, first, operatorIds }: { index: number; first: number; operatorIds: string[] },
) {
  const createdAt = registrationTime(plan, index);
  const userId = uuidAt(random, createdAt);
  const operator = index < plan.operators;
  if (operator) operatorIds.push(userId);
  const journey: Journey = operator ? operatorJourney : pickJourney(random);
  const life = liveThrough(random, journey, { userId, createdAt, until: plan.until, operatorIds });
  const user = composeUser(random, { userId, number: first + index, createdAt, until: plan.until, operator }, life);
  return { user, entries: composeEntries(random, user, life), ...composeSessions(userId, life) };
}

/** Registrations a day grow steadily over three years, so that the total grows with the square of time. */
function registrationTime({ users, until }: PopulationPlan, index: number): Date {
  return new Date(Math.floor(until.getTime() - spanMilliseconds * (1 - Math.sqrt((index + 0.5) / users))));
}
