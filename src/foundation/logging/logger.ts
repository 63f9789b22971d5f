import { type DestinationStream, type Level, pino } from "pino";
import { DeclaredError } from "../errors/index.ts";

/**
 * What a log line may carry. The list is closed on purpose: a field that is not here cannot be logged, and texts that
 * are here come from our own code or from a fixed vocabulary, never from what a person typed.
 */
export type LogFields = {
  error?: unknown;
  requestId?: string;
  method?: string;
  /** The route's pattern, never the path with its values. */
  route?: string;
  status?: number;
  durationMs?: number;
  errorCode?: string;
  caller?: "anonymous" | "user" | "service" | "provider";
  job?: string;
  jobId?: string;
  attempt?: number;
  count?: number;
  size?: number;
  root?: string;
  provider?: string;
  verdict?: string;
  url?: string;
  port?: number;
  pid?: number;
  signal?: string;
  mode?: string;
  version?: string;
};

/** Structured logging to standard output, one JSON object a line. */
export type Logger = {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
};

/**
 * Describes an error without the values it may quote: PostgreSQL repeats offending values in `detail` and `message`,
 * parsers repeat their input. What remains is enough to find the place: kind, code, constraint and stack frames.
 */
export function describeError(error: unknown, depth = 0): Record<string, unknown> {
  if (!(error instanceof Error)) return { kind: typeof error };
  const known = error as Error & { code?: unknown; constraint?: unknown; table?: unknown; syscall?: unknown };
  return {
    kind: error.name,
    code: error instanceof DeclaredError ? error.declaration.code : textOf(known.code),
    constraint: textOf(known.constraint),
    table: textOf(known.table),
    syscall: textOf(known.syscall),
    frames: framesOf(error),
    cause: error.cause && depth < 3 ? describeError(error.cause, depth + 1) : undefined,
  };
}

/** The stack's frames without the message before them, which may quote anything, even lines that look like frames. */
function framesOf({ stack, message }: Error): string[] | undefined {
  return stack
    ?.slice(stack.indexOf(message) + message.length)
    .split("\n")
    .filter((line) => /^\s+at /.test(line))
    .map((line) => line.trim())
    .slice(0, 12);
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && /^[\w.:-]{1,80}$/.test(value) ? value : undefined;
}

/** Makes the logger. `level` "silent" prints nothing (tests). */
export function createLogger(options: { level: Level | "silent"; destination?: DestinationStream }): Logger {
  const sink = pino({ level: options.level, base: undefined }, options.destination);
  const write =
    (level: "info" | "warn" | "error") =>
    (message: string, fields: LogFields = {}) => {
      const { error, ...rest } = fields;
      sink[level](error === undefined ? rest : { ...rest, error: describeError(error) }, message);
    };
  return { info: write("info"), warn: write("warn"), error: write("error") };
}
