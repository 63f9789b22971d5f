export { illegalMove } from "./errors.ts";
export { decideMove, findMove, type Move, type Standing } from "./find-move.ts";
export { fromPcxStatus, type GateCode, type PcxStatus, pcxStatuses, toGateCode, toPcxStatus } from "./projections.ts";
export {
  type LifecycleEvent,
  lifecycleEvents,
  type Mover,
  transitions,
  type UserStatus,
  userStatuses,
} from "./transitions.ts";
