import { clearHome, findServer, makeHome, startUsherProcess, until } from "./usher-process.ts";
import { password } from "./harness.ts";
const mode = process.argv[2];
const home = await makeHome();
const t0 = performance.now(); const log = (...a: unknown[]) => console.log(Math.round(performance.now() - t0), ...a);
const p = startUsherProcess(home, mode === "npm" ? "npm start" : "node", { LOG_LEVEL: "info" });
await p.ready; log("ready");
p.ended.then((e) => log("ENDED", e));
const r = await home.send("POST", "/users/register", { body: { email: "a@example.com", fname: "Ada", lname: "Okafor", password } });
log("reg", r.status);
if (mode === "pg") {
  const server = await findServer(home);
  process.kill(server!.pid, "SIGKILL"); log("pg killed");
  for (let i = 0; i < 10; i++) { await home.send("GET", "/readyz").then((a) => log("readyz", a.status), (e) => log("ERR", e.cause?.code ?? e)); await new Promise((r) => setTimeout(r, 200)); }
}
p.child.kill("SIGTERM"); log("SIGTERM");
await Promise.race([p.ended, new Promise((r) => setTimeout(r, 40000))]);
log("final"); console.log(p.output().split("\n").filter((l) => !l.includes('"msg":"request"')).join("\n"));
await clearHome(home);
