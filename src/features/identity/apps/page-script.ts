/**
 * The script of the page at /oidc/auth: logs in as any of our own apps does, second factor by code included, asks for
 * the approval with that log-in and ends it again. The tokens stay in this page's memory.
 */
export const pageScript = `
const form = document.querySelector("form");
const says = document.querySelector("#says");
const factor = document.querySelector("#factor");
const request = JSON.parse(document.querySelector("#request").textContent);
let challenge;
const post = async (path, body, token) => {
  const headers = { "content-type": "application/json", ...(token ? { authorization: "Bearer " + token } : {}) };
  const answer = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
  return { ok: answer.ok, body: await answer.json() };
};
const value = (name) => form.elements[name].value.trim();
const logIn = () => challenge
  ? post("/auth/login/second-factor", { challenge, code: value("code") })
  : post("/auth/login", { email: value("email"), password: form.elements.password.value });
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = form.querySelector("button");
  button.disabled = true;
  says.textContent = "";
  try {
    const login = await logIn();
    if (login.body.errorCode === "second-factor-required") {
      challenge = login.body.challenge;
      factor.hidden = false;
      form.elements.code.focus();
      return;
    }
    if (!login.ok) throw new Error(login.body.title);
    const token = login.body.accessToken;
    const approved = await post("/oidc/auth/approval", request, token);
    await post("/auth/logout", {}, token);
    if (!approved.ok) throw new Error(approved.body.title);
    location.replace(approved.body.redirect_to);
  } catch (error) {
    says.textContent = error.message;
  } finally {
    button.disabled = false;
  }
});`;
