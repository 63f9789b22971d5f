import Fastify, { type FastifyInstance } from "fastify";

/** The bare server of a double: JSON or nothing, up to `bodyBytes`. */
export function openServer({ bodyBytes }: { bodyBytes: number }): FastifyInstance {
  const app = Fastify({ logger: false, bodyLimit: bodyBytes, requestTimeout: 30_000, forceCloseConnections: true });
  app.removeContentTypeParser(["application/json", "text/plain"]);
  // `curl -X POST -H 'content-type: application/json'` without a body means "no details".
  app.addContentTypeParser("application/json", { parseAs: "string" }, (_request, body, done) => {
    const text = String(body).trim();
    if (text === "") return done(null, undefined);
    app.getDefaultJsonParser("error", "error")({} as never, text, done);
  });
  app.addContentTypeParser("application/x-www-form-urlencoded", { parseAs: "string" }, (_request, body, done) =>
    done(null, Object.fromEntries(new URLSearchParams(String(body)))),
  );
  return app;
}
