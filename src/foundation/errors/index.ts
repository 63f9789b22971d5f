/**
 * Declared errors. An error is declared once, with its code, status and public sentence; a use case throws it and the
 * HTTP room turns it into a problem document (RFC 9457). What is not declared is answered as `internal-error`.
 */

/** The sentences found wrong with each field, keyed by the field's path in the request. */
export type FieldErrors = Record<string, string[]>;

/** One declared error: everything the world may know of it. */
export type ErrorDeclaration = {
  /** Stable, machine-readable: `email-already-exists`. */
  code: string;
  /** HTTP status, 400 to 599. */
  status: number;
  /** A short name, the same every time. */
  title: string;
  /** What happened and how to mend it, for the page in `docs/errors`. */
  remedy: string;
};

/** What one occurrence adds to its declaration. Nothing here may carry personal data. */
export type Occurrence = {
  detail?: string;
  errors?: FieldErrors;
  /** Whole seconds until it makes sense to try again; answered as `Retry-After`. */
  retryAfterSeconds?: number;
  /** Further members of the problem document, such as the five-minute challenge of a log-in. */
  extensions?: Record<string, unknown>;
  /** For our own log only. */
  cause?: unknown;
};

/** A declared error that happened. */
export class DeclaredError extends Error {
  readonly declaration: ErrorDeclaration;
  readonly occurrence: Occurrence;

  constructor(declaration: ErrorDeclaration, occurrence: Occurrence = {}) {
    super(`${declaration.code}: ${occurrence.detail ?? declaration.title}`, { cause: occurrence.cause });
    this.name = "DeclaredError";
    this.declaration = declaration;
    this.occurrence = occurrence;
  }
}

/** A declared error, ready to be thrown: `throw emailTaken()`. */
export type ErrorFactory = ((occurrence?: Occurrence) => DeclaredError) & { declaration: ErrorDeclaration };

const declared = new Map<string, ErrorDeclaration>();

/** Declares an error. The code must be new, or the process does not start. */
export function declareError(declaration: ErrorDeclaration): ErrorFactory {
  if (declared.has(declaration.code)) throw new Error(`The error code ${declaration.code} is declared twice.`);
  declared.set(declaration.code, declaration);
  const make = (occurrence?: Occurrence) => new DeclaredError(declaration, occurrence);
  return Object.assign(make, { declaration });
}

/** Every declared error, by code: the source of the pages in `docs/errors`. */
export function listDeclaredErrors(): ErrorDeclaration[] {
  return [...declared.values()].sort((a, b) => (a.code < b.code ? -1 : 1));
}
