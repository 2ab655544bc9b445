export { type AcceptBlob, type BlobSource, type CacheBackend, NO_TRAFFIC, type Traffic } from './backend.ts';
export { explainDifference, type FileChange } from './differences.ts';
export { type Digest, decodeEntry, type Entry, encodeEntry, slotOf, treeEntry } from './entry.ts';
export { digestOf, fingerprint, type KeyParts } from './fingerprint.ts';
export {
  type InputFile,
  type Inventory,
  type InventoryRequest,
  lookAgain,
  type SecondLook,
  sha256,
  takeInventory,
} from './inventory.ts';
export * from './last-build.ts';
export { removeFolder } from './local/folder-handle.ts';
export { type Restored, restoreTree, restoreTreeNow } from './local/restore.ts';
export { LocalStore } from './local/store.ts';
export {
  type Damage,
  pruneNowAndThen,
  pruneStore,
  type StoreStatus,
  storeStatus,
  verifyStore,
} from './local/upkeep.ts';
export {
  areInputsUnchanged,
  areSurroundingsUnchanged,
  digestAt,
  isOutputIntact,
  type Now,
} from './nothing-changed.ts';
export { cacheFolder, keyedHash, variablesKey } from './places.ts';
export { remoteFromEnvironment } from './remote/from-environment.ts';
export { type Found, type Place, type Rejection, ResultCache } from './result-cache.ts';
export { type Retaken, retakeInventory } from './retake-inventory.ts';
export { isSignedBy, readSigningKey, sign } from './signature.ts';
export {
  FIELDS,
  isAsRecorded,
  isRacy,
  nowMs,
  type StatTable,
  statOf,
  statTable,
  writeStat,
} from './stats.ts';
export { seenVariables } from './variables.ts';
export { type InputsOfService, kindOf, type ServiceView, Views } from './views.ts';
