export { type Cursors, createCursors } from "./cursor.ts";
export { createKeyedHash, type KeyedHash } from "./keyed-hash.ts";
export { deriveKey, readMasterKey } from "./master-key.ts";
export { createPlatformSeal, type PlatformSeal } from "./platform-seal.ts";
export { sealCompact, secretKey } from "./seal-compact.ts";
export {
  type KeyFacts,
  listSigningKeys,
  loadSigningKeys,
  type Overlap,
  rotateSigningKey,
  type SigningKey,
  type SigningUse,
} from "./signing-keys.ts";
