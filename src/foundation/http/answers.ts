/** An answer as handlers return it. */
type Answer<Status extends number, Body> = { status: Status; body: Body; headers?: Record<string, string> };

/** 200 with a body. */
export function ok<Body>(body: Body, headers?: Record<string, string>): Answer<200, Body> {
  return { status: 200, body, headers };
}

/** 201: something was made. */
export function created<Body>(body: Body, headers?: Record<string, string>): Answer<201, Body> {
  return { status: 201, body, headers };
}

/** 202: taken; what follows happens later, or not, and the answer does not tell. */
export function accepted<Body>(body: Body): Answer<202, Body> {
  return { status: 202, body };
}
