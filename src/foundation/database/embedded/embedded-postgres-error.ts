/** The embedded PostgreSQL cannot be started; the message is one plain text for the person at the terminal: cause, then remedy. */
export class EmbeddedPostgresError extends Error {
  override name = "EmbeddedPostgresError";
}

const otherServer = "or set DATABASE_URL to a PostgreSQL server of your own";

/** Words that PostgreSQL, initdb and Node put into their messages, and what helps against each. */
const remedies: readonly [RegExp, string][] = [
  [
    /no space left on device|free disk space|ENOSPC|disk quota|EDQUOT/i,
    `Free disk space and start again, ${otherServer}.`,
  ],
  [/read-only file system|EROFS/i, `Choose a writable folder with USHER_DATA_DIR, ${otherServer}.`],
  [/could not bind|TCP\/IP sockets|address already in use|EADDRINUSE/i, `Free a port on 127.0.0.1, ${otherServer}.`],
  [
    /pre-existing shared memory block|postmaster\.pid" already exists/i,
    `Another PostgreSQL still works on this data: end it and start again, ${otherServer}.`,
  ],
  [
    /could not create shared memory|could not map anonymous|cannot allocate memory|ENOMEM/i,
    `Free memory, ${otherServer}.`,
  ],
  [
    /permission denied|EACCES|EPERM|operation not permitted|wrong ownership|invalid permissions/i,
    `Run Usher as the user who owns the folder, choose another with USHER_DATA_DIR, ${otherServer}.`,
  ],
  [/password authentication failed/i, `Put the database.json that belongs to this data back, ${otherServer}.`],
];

/** The sentence that says what to do about a failure, found by the words of its message or log lines. */
export function remedyFor(text: string): string {
  return remedies.find(([words]) => words.test(text))?.[1] ?? `Remove the cause, ${otherServer}.`;
}

/** Turns any failure into an EmbeddedPostgresError that names the deed that failed, the cause and the remedy. */
export function explainFailure(deed: string, cause: unknown): EmbeddedPostgresError {
  if (cause instanceof EmbeddedPostgresError) return cause;
  const text = cause instanceof Error ? cause.message : String(cause);
  return new EmbeddedPostgresError(`${deed}: ${text}. ${remedyFor(text)}`, { cause });
}
