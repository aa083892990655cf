import type { FastifyInstance } from "fastify";

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

const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Sign in · Tilth</title>
    <link rel="stylesheet" href="/sign-in.css" />
    <script type="module" src="/sign-in.js"></script>
  </head>
  <body>
    <main>
      <h1>Tilth</h1>
      <form id="form" hidden>
        <label>Name <input name="name" autocomplete="username" autocapitalize="none" required autofocus /></label>
        <label>Password <input name="password" type="password" autocomplete="current-password" required /></label>
        <button>Sign in</button>
      </form>
      <form id="link" hidden><button>Sign in with this link</button></form>
      <p id="message" role="status"></p>
      <noscript><p>Signing in needs JavaScript.</p></noscript>
    </main>
  </body>
</html>
`;

/** A link is followed at a press of the button, not by looking at it: programs that look at links would use it up. */
const script = `const [form, link, message] = ["form", "link", "message"].map((id) => document.getElementById(id));
const token = location.hash.slice(1);
history.replaceState(null, "", location.pathname);
(token === "" ? form : link).hidden = false;
const send = async (path, body) => {
  message.textContent = "";
  const answer = await fetch(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  if (answer.ok) return location.replace("/");
  const problem = await answer.json().catch(() => ({}));
  message.textContent = problem.detail ?? "It did not work.";
};
form.addEventListener("submit", (event) => {
  event.preventDefault();
  void send("/api/session", Object.fromEntries(new FormData(form)));
});
link.addEventListener("submit", (event) => {
  event.preventDefault();
  void send("/api/session/link", { token });
});
`;

const style = `:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { display: grid; place-items: center; min-height: 100vh; margin: 0; }
main { width: min(20rem, 90vw); }
form { display: grid; gap: 0.75rem; }
[hidden] { display: none; }
label { display: grid; gap: 0.25rem; }
input, button { font: inherit; padding: 0.5rem; }
`;

const files = [
  ["/sign-in", "text/html", page],
  ["/sign-in.js", "text/javascript", script],
  ["/sign-in.css", "text/css", style],
] as const;
