export { createPersonKeys, type PersonKeys } from "./create-person-keys.ts";
export { PersonalKeyDestroyed } from "./personal-key-destroyed.ts";
