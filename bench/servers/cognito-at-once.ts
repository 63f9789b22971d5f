/**
 * Amazon Cognito as P4 wants it: every sign-up is answered at once with an account of its own, over Cognito's own wire
 * protocol, without hashing and without keeping anything.
 */
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";

const delivery = { AttributeName: "email", DeliveryMedium: "EMAIL", Destination: "a***@m***" };

const server = createServer((request, response) => {
  request.resume();
  const known = request.method === "GET" || request.headers["x-amz-target"]?.toString().endsWith(".SignUp");
  const signedUp = { UserConfirmed: false, UserSub: randomUUID(), CodeDeliveryDetails: delivery };
  const refused = { __type: "InternalErrorException", message: "This stand-in knows sign-ups only." };
  response.writeHead(known ? 200 : 500, { "content-type": "application/x-amz-json-1.1" });
  response.end(JSON.stringify(known ? signedUp : refused));
});
server.listen(Number(process.env.PORT), "127.0.0.1");
process.once("SIGTERM", () => {
  server.close();
  server.closeAllConnections();
});
