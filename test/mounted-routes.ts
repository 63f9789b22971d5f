import type { FastifyInstance } from "fastify";

/** Every route that the server answers, as `METHOD /path`, delegated ones included: read from the router itself. */
export function listMountedRoutes(app: FastifyInstance): string[] {
  const open: { depth: number; path: string }[] = [];
  const routes: string[] = [];
  for (const line of app.printRoutes({ commonPrefix: false }).split("\n")) {
    const found = /^((?:[│ ] {3})*)[├└]── (\S+)(?: \(([A-Z, ]+)\))?$/.exec(line.trimEnd());
    if (!found) continue;
    const [, indent = "", part = "", methods = ""] = found;
    const depth = indent.length / 4;
    while (open.length > 0 && (open.at(-1)?.depth ?? 0) >= depth) open.pop();
    const path = `${open.at(-1)?.path ?? ""}${part}`;
    open.push({ depth, path });
    routes.push(
      ...methods
        .split(", ")
        .filter(Boolean)
        .map((method) => `${method} ${path}`),
    );
  }
  return routes.sort();
}
