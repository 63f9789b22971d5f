import { setTimeout as pause } from "node:timers/promises";
import { isServerAway, type Login } from "./connect-as.ts";
import { holdLock, type Lock } from "./hold-lock.ts";

type Watch = { login: Login; isRunning: () => Promise<boolean>; onNotice: (message: string) => void };

/**
 * Takes the lock again whenever its connection breaks (PostgreSQL ends all connections when one of its processes
 * crashes), until it is let go. Says so when that cannot be: PostgreSQL itself has ended, another Usher was quicker, or
 * it refuses. None of this keeps the process alive.
 */
export function keepLock(first: Lock, { login, isRunning, onNotice }: Watch): { letGo: () => void } {
  let wanted = true;
  const watch = (lock: Lock) => {
    lock.socket.unref();
    lock.client.once("end", () => retake().catch((error: Error) => onNotice(`The lock is lost: ${error.message}.`)));
  };
  const retake = async () => {
    while (wanted) {
      if (!(await isRunning())) return onNotice("The embedded PostgreSQL has ended unexpectedly: start Usher again.");
      const outcome = await tryAgain(login);
      if (outcome && "lock" in outcome) return watch(outcome.lock);
      if (outcome) return onNotice(`Another Usher (process ${outcome.holder}) has taken over the embedded PostgreSQL.`);
      await pause(100, undefined, { ref: false });
    }
  };
  watch(first);
  return {
    letGo: () => {
      wanted = false;
    },
  };
}

async function tryAgain(login: Login) {
  try {
    return await holdLock(login);
  } catch (error) {
    if (isServerAway(error)) return undefined;
    throw error;
  }
}
