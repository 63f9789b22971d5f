/**
 * The script of the page at /oidc/auth: logs in as any of our own apps does, asks for the approval with that log-in and
 * ends it again. Where a second factor is asked for, its code, a recovery code or a passkey completes the log-in; a
 * refused one begins anew with the same password, so that no dead challenge holds anybody up. The tokens stay in this
 * page's memory.
 */
export const pageScript = `
const form = document.querySelector("form");
const says = document.querySelector("#says");
const factor = document.querySelector("#factor");
const passkey = document.querySelector("#passkey");
const request = JSON.parse(document.querySelector("#request").textContent);
let demand;
const post = async (path, body, token) => {
  const headers = { "content-type": "application/json", ...(token ? { authorization: "Bearer " + token } : {}) };
  const answer = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
  return { ok: answer.ok, body: await answer.json() };
};
const value = (name) => form.elements[name].value.trim();
const canPasskey = () => Boolean(demand.passkey && globalThis.PublicKeyCredential?.parseRequestOptionsFromJSON);
const readCode = () => {
  const code = value("code");
  return /^[0-9]{6}$/.test(code) ? { code } : { recovery_code: code };
};
const usePasskey = async () => {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(demand.passkey);
  return { passkey: (await navigator.credentials.get({ publicKey })).toJSON() };
};
const show = () => {
  const codes = demand.methods.includes("totp") ? "Code of your app, or a recovery code" : "Recovery code";
  factor.firstChild.textContent = codes;
  factor.hidden = false;
  passkey.hidden = !canPasskey();
  (passkey.hidden ? form.elements.code : passkey).focus();
};
const logIn = async (withPasskey) => {
  if (!demand) {
    const login = await post("/auth/login", { email: value("email"), password: form.elements.password.value });
    if (login.body.errorCode !== "second-factor-required") return login;
    demand = login.body;
    show();
  }
  if (!withPasskey && value("code") === "") return undefined;
  const { challenge } = demand;
  const proof = withPasskey ? await usePasskey() : readCode();
  const login = await post("/auth/login/second-factor", { challenge, ...proof });
  demand = undefined;
  form.elements.code.value = "";
  return login;
};
const allow = async (withPasskey) => {
  const buttons = form.querySelectorAll("button");
  for (const button of buttons) button.disabled = true;
  says.textContent = "";
  try {
    const login = await logIn(withPasskey);
    if (!login) return;
    if (!login.ok) throw new Error(login.body.title);
    const token = login.body.accessToken;
    const approved = await post("/oidc/auth/approval", request, token);
    await post("/auth/logout", {}, token);
    if (!approved.ok) throw new Error(approved.body.title);
    location.replace(approved.body.redirect_to);
  } catch (error) {
    says.textContent = error.message;
  } finally {
    for (const button of buttons) button.disabled = false;
  }
};
for (const name of ["email", "password"])
  form.elements[name].addEventListener("input", () => {
    demand = undefined;
    factor.hidden = true;
    passkey.hidden = true;
    form.elements.code.value = "";
  });
passkey.addEventListener("click", () => allow(true));
form.addEventListener("submit", (event) => {
  event.preventDefault();
  allow(false);
});`;
