import { clearHome, findServer, makeHome, startUsherProcess, until } from "./usher-process.ts";
import { password } from "./harness.ts";
const home = await makeHome();
try {
for (let i = 0; i < 12; i++) {
  const p = startUsherProcess(home, "node", { LOG_LEVEL: "error" });
  await p.ready;
  const email = `a${i}@example.com`;
  await home.send("POST", "/users/register", { body: { email, fname: "Ada", lname: "Okafor", password } });
  await until("mail", async () => (await home.send("GET", `/sandbox/mailbox?to=${email}`)).body.messages[0]);
  const server = await findServer(home);
  process.kill(server!.pid, "SIGKILL");
  try {
    for (let j = 0; j < 5; j++) await home.send("GET", "/readyz");
    p.child.kill("SIGTERM");
    console.log(i, await p.ended);
  } catch (e) { console.log(i, await p.ended, p.output().split("\n").filter((l) => !l.startsWith("{")).join("\n")); }
}
} finally { await clearHome(home); }
