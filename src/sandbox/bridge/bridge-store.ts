import { randomBytes } from "node:crypto";
import { openStateFile, type StateFile } from "../state-file.ts";
import type { Customer, Delivery, Endpoint, KycLink } from "./customer.ts";

/** The first answer under an Idempotency-Key. */
export type KeptAnswer = { id: string; createdAt: number; request: string; status: number; body: string };

/** Things of one kind, in the order in which they were first saved. */
export type Collection<T> = {
  find(id: string): T | undefined;
  /** Newest first. */
  list(): T[];
  save(thing: T): void;
  remove(id: string): void;
};

/** All that the double knows, in memory and, with a state file, across restarts. */
export type BridgeStore = {
  customers: Collection<Customer>;
  links: Collection<KycLink>;
  endpoints: Collection<Endpoint>;
  deliveries: Collection<Delivery>;
  answers: Collection<KeptAnswer>;
  apiKey: string;
  /** Ever increasing, as `event_sequence`. */
  nextSequence(): number;
  close(): void;
};

const kept = { customers: 10_000, links: 10_000, endpoints: 100, deliveries: 20_000, answers: 20_000 };

/** Opens the store; of each kind only the newest are kept. Without a given key one is made, and kept with the rest. */
export function openBridgeStore(stateFile: string | undefined, givenKey?: string): BridgeStore {
  const file = openStateFile<unknown>(stateFile);
  const account = (file.initial.get("account") ?? {}) as { apiKey?: string };
  const apiKey = givenKey ?? account.apiKey ?? `sk_test_${randomBytes(18).toString("hex")}`;
  file.put("account", { apiKey });
  let sequence = Number(file.initial.get("sequence") ?? 100);
  return {
    customers: openCollection(file, "customer", kept.customers),
    links: openCollection(file, "link", kept.links),
    endpoints: openCollection(file, "endpoint", kept.endpoints),
    deliveries: openCollection(file, "delivery", kept.deliveries),
    answers: openCollection(file, "answer", kept.answers),
    apiKey,
    nextSequence: () => {
      sequence += 1;
      file.put("sequence", sequence);
      return sequence;
    },
    close: () => file.close(),
  };
}

function openCollection<T extends { id: string; createdAt: number }>(
  file: StateFile<unknown>,
  kind: string,
  most: number,
): Collection<T> {
  const mine = [...file.initial].filter(([key]) => key.startsWith(`${kind} `)).map(([, value]) => value as T);
  const things = new Map(mine.sort((a, b) => a.createdAt - b.createdAt).map((thing) => [thing.id, thing]));
  const remove = (id: string) => {
    things.delete(id);
    file.remove(`${kind} ${id}`);
  };
  return {
    find: (id) => things.get(id),
    list: () => [...things.values()].reverse(),
    save(thing) {
      things.set(thing.id, thing);
      file.put(`${kind} ${thing.id}`, thing);
      const oldest = things.keys().next().value;
      if (things.size > most && oldest !== undefined) remove(oldest);
    },
    remove,
  };
}
