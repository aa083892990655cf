import { entropy } from "./validators.ts";

/** Masks, templates and the words of a schema. */
export function isPlaceholder(value: string): boolean {
  return /^(?:(.)\1*|\$[a-z_]\w*|\$?[<{[].*|%.*|.*[<{][^<{]*[>}].*|x{3,}.*)$/i.test(value) || STOP.test(value);
}

const STOP =
  /^(?:none|null|nil|undefined|true|false|string|str|bytes?|number|integer|boolean|text|varchar.*|char|required|optional|empty|hidden|default|example|placeholder|redacted|changeme|todo|n\/a|(?:your|my|the|new|old|enter)[ _.-].*|yourpassword|[a-z_]*passw(?:or)?d[a-z_]*|[a-z_]*api[_-]?key[a-z_]*|[a-z_]+[_-](?:secret|token|key)|token)$/i;

/** Words that begin a sentence about passwords rather than name one. */
export function isProse(value: string): boolean {
  return PROSE.test(value);
}

const PROSE =
  /^(?:must|should|shall|will|would|could|can|cannot|may|might|this|that|these|those|there|they|what|when|where|which|while|with|without|from|into|your|yours|have|having|does|been|being|make|makes|please|enter|choose|pick|create|reset|change|forgot|forget|incorrect|wrong|invalid|correct|valid|use|using|used|always|never|avoid|keep|store|stored|type|field|input|length|minimum|maximum|strong|weak|only|also|then|than|here|strings?|random|unique|secure|it's|don't)[.:!?]*$/i;

/** Values that are an expression of a programming language. */
export function isCode(value: string): boolean {
  return (
    /[()]|=>|^[/~.&*]|^@\w+$|^(?:await|async|new|yield|function|lambda)$/.test(value) ||
    /^(?:req|request|self|this|os|process|config|settings|form|data|args|env|params|body|props|state|options|ctx|row|obj|input|secrets|app|event|res|response|user|account|credentials|faker|System|Environment)[.[]/.test(
      value,
    )
  );
}

/** A value as issuers make them: with a digit, or a prefix, or very long; not a word of prose. */
export function isKeyLike(value: string): boolean {
  if (isPlaceholder(value) || isCode(value) || /\s/.test(value)) return false;
  return /\d/.test(value) || value.length >= 24 || /^(?:sk|pk|rk|ak|key|tok)[-_]\w/i.test(value);
}

/** @see {@link https://github.com/gitleaks/gitleaks | gitleaks}: entropy of at least 3.5 for generic names; identifiers of rows are no secrets. */
export function isRandom(value: string): boolean {
  if (isPlaceholder(value) || isCode(value) || /\s/.test(value)) return false;
  return /\d.*\d/.test(value) && /[A-Za-z]/.test(value) && !UUID.test(value) && entropy(value) >= 3.5;
}

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
