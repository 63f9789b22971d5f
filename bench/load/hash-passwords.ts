/** The yardstick of P3: bare argon2id with Usher's parameters and concurrency, nothing else. Prints hashes a second. */
import { availableParallelism } from "node:os";
import { hash } from "@node-rs/argon2";
import { argon2Options } from "../../src/features/identity/providers/embedded/hash-password.ts";

const seconds = Number(process.argv[2]);
const begun = performance.now();
let hashed = 0;
const hashOneByOne = async () => {
  while (performance.now() - begun < seconds * 1000) {
    await hash("a long walk to the harbour", argon2Options);
    hashed += 1;
  }
};
await Promise.all(Array.from({ length: availableParallelism() }, hashOneByOne));
process.stdout.write(`${(hashed * 1000) / (performance.now() - begun)}\n`);
