import type { FastifyInstance } from "fastify";
import { htmlPage } from "./html.ts";

/**
 * Adds the page where one signs in, by name and password or by the link that the first start prints.
 *
 * The link's secret stands behind `#`, which browsers send to nobody: it comes into no log, no history of a proxy and no Referer.
 */
export function addSignInPage(app: FastifyInstance): void {
  for (const [path, type, text] of files) {
    app.get(path, async (_request, reply) =>
      reply.header("content-type", `${type}; charset=utf-8`).header("cache-control", "no-cache").send(text),
    );
  }
}

/** The address of a sign-in link. */
export function signInUrl(base: string, token: string): string {
  return new URL(`/sign-in#${token}`, base).href;
}

const page = htmlPage({
  title: "Sign in · Tilth",
  className: "door",
  scripts: ["/sign-in.js"],
  body: `<main class="card"><h1 class="brand"><img src="/icon.svg" alt="" width="44" height="44">Tilth</h1>
<p class="soft" id="hello">Sign in to this workspace.</p>
<form id="form" hidden>
<label>Name <input name="name" autocomplete="username" autocapitalize="none" spellcheck="false" required autofocus></label>
<label>Password <input name="password" type="password" autocomplete="current-password" required></label>
<button>Sign in</button></form>
<form id="link" hidden><button>Sign in with this link</button><small>It works once, for this browser.</small></form>
<p class="message" id="message" role="alert"></p>
<noscript><p>Signing in needs JavaScript.</p></noscript></main>`,
});

/** A link is followed at a press of the button, not by looking at it: programs that look at links would use it up. */
const script = `const [form, link, message] = ["form", "link", "message"].map((id) => document.getElementById(id));
const token = location.hash.slice(1);
history.replaceState(null, "", location.pathname);
// A link that is opened where this page is open already differs behind # alone, which loads nothing by itself.
addEventListener("hashchange", () => location.reload());
(token === "" ? form : link).hidden = false;
const send = async (path, body, button) => {
  message.textContent = "";
  button.disabled = true;
  const answer = await fetch(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) }).catch(() => undefined);
  if (answer?.ok) {
    location.replace("/");
    return false;
  }
  button.disabled = false;
  const problem = (await answer?.json().catch(() => undefined)) ?? {};
  message.textContent = problem.detail ?? "The server did not answer. Is it still running?";
  return problem.status === 401;
};
form.addEventListener("submit", (event) => {
  event.preventDefault();
  void send("/api/session", Object.fromEntries(new FormData(form)), event.submitter);
});
link.addEventListener("submit", (event) => {
  event.preventDefault();
  // Where the link is used up there may be a password.
  void send("/api/session/link", { token }, event.submitter).then((isRefused) => ((link.hidden = isRefused), (form.hidden = !isRefused)));
});
`;

const files = [
  ["/sign-in", "text/html", page],
  ["/sign-in.js", "text/javascript", script],
] as const;
