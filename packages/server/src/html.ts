/** A page of this server: one head, one look. */
export interface Page {
  readonly title: string;
  /** HTML that goes into the body. */
  readonly body: string;
  /** Paths of scripts that this server serves. */
  readonly scripts?: readonly string[];
  /** Wide pages are tables; narrow ones are read. @defaultValue `page` */
  readonly className?: string;
}

/** A whole HTML document. Pages hold no script and no style of their own: the server's policy lets browsers load them from here alone. */
export function htmlPage({ title, body, scripts = [], className = "page" }: Page): string {
  const loaded = scripts.map((path) => `<script type="module" src="${path}"></script>`).join("");
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title><meta name="color-scheme" content="light dark"><link rel="icon" href="/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/style.css">${loaded}</head><body class="${className}">${body}</body></html>
`;
}

/** Text as HTML shows it, whatever it holds. */
export function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

/** The name of the house, leading home. */
export const brand = `<a class="brand" href="/"><img src="/icon.svg" alt="" width="32" height="32">Tilth</a>`;
