/**
 * Durability is stated, not assumed: a configuration file edited by hand must not switch it off. The log gets what the
 * server says about itself, never about statements: their texts and details hold personal data.
 * Meaning of each: postgresql.org/docs/18/runtime-config.html.
 */
const defaults: Record<string, string> = {
  listen_addresses: "127.0.0.1",
  fsync: "on",
  synchronous_commit: "on",
  full_page_writes: "on",
  password_encryption: "scram-sha-256",
  max_connections: "100",
  shared_buffers: "128MB",
  // Rarer checkpoints write fewer full pages; one GB of log still replays in seconds after a crash.
  checkpoint_timeout: "10min",
  max_wal_size: "1GB",
  // A forgotten open transaction would hold back the journal's horizon and vacuum.
  idle_in_transaction_session_timeout: "60s",
  timezone: "UTC",
  log_timezone: "UTC",
  // "log" ranks above "error" here: errors of statements stay out, those that end the server or a session do not.
  log_min_messages: "log",
  log_min_error_statement: "panic",
  log_error_verbosity: "terse",
  log_checkpoints: "off",
  logging_collector: "off",
  log_destination: "stderr",
};

/** The command line of our server. Its beginning is how `isPostmasterOf` recognises it. */
export function serverArguments(dataFolder: string, port: number, settings: Record<string, string>): string[] {
  return ["-D", dataFolder, "-p", String(port), ...parameterArguments(settings)];
}

/** The end of the command line: the server parameters, ours overridden by the ones given. */
export function parameterArguments(settings: Record<string, string>): string[] {
  return Object.entries({ ...defaults, ...settings }).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
}
