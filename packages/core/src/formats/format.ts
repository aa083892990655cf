import type { Kind } from "../schema/content.ts";
import type { Example, NewExample } from "../schema/example.ts";
import type { CellType, FileKindName } from "../schema/file-kind.ts";
import type { Json, JsonObject } from "../schema/json.ts";
import type { Signal } from "../schema/signal.ts";

/** The first rows of a file, from which a format recognises itself. */
export interface Sample {
  readonly rows: readonly Json[];
  readonly fileKind: FileKindName;
}

/** Why a format thinks the rows are its own. */
export interface Detection {
  /** One sentence for the person who imports. */
  readonly reason: string;
  /** The more a format demands of a row, the higher; the highest wins and a tie is an error that names both. */
  readonly specificity: number;
}

export interface ReadContext {
  readonly fileKind: FileKindName;
  /** The label a record stood under, where the file is a map of arrays. */
  readonly group?: string;
}

/** A place where something foreign had to be mended or cannot be right, as a finding of the named rule. */
export interface ReadRemark {
  readonly rule: string;
  readonly message: string;
  /** JSON pointer into the example. */
  readonly at: string;
}

/** Why a row became nothing: a short code to count by, and a sentence that never holds content. */
export interface Refused {
  readonly refused: string;
  readonly reason: string;
}

/** What one foreign row becomes: examples and signals, or the reason why nothing. */
export type Reading =
  | {
      readonly examples: readonly NewExample[];
      readonly signals?: readonly Signal[];
      /** Of the rules `tool-arguments`, `lone-surrogate` and `span-invalid`. */
      readonly remarks?: readonly ReadRemark[];
      /** True where `sourceId` names this one record for good. */
      readonly sourceIdIsIdentity?: boolean;
    }
  | Refused;

/** How to write examples of a kind a trainer does not know: an instruction before them, from the packs. */
export interface RenderTemplate {
  readonly instruction: string;
}

export interface WriteOptions {
  readonly split: string;
  readonly render?: Readonly<Partial<Record<Kind, RenderTemplate>>>;
  /** Keys that every line must carry since one line needs them, such as `tools`; found by a first pass over the examples. */
  readonly needs: ReadonlySet<string>;
  /** Choices of the caller that this format knows, see {@link Format.settings}. */
  readonly settings: JsonObject;
}

/** Rows of one example, with what they could not hold; or why there are none. Reasons are short and countable, never content. */
export type Writing = { readonly rows: readonly Json[]; readonly losses?: readonly string[] } | { readonly refused: string };

/** How rows of one trainer or tool look. A plain object; its line in `list.ts` is all that registers it. */
export interface Format {
  readonly name: string;
  /** What it is, in one sentence. */
  readonly title: string;
  readonly kinds: readonly Kind[];
  /** True when reading back what was written gives the same examples. */
  readonly lossless: boolean;
  /** The tools it is for. */
  readonly readers: readonly string[];
  readonly file: FileKindName;
  /** What becomes of an example's weight. */
  readonly weight: "carries" | "materialises" | "refuses";
  detect?(sample: Sample): Detection | undefined;
  read?(row: Json, context: ReadContext): Reading;
  write?(example: Example, options: WriteOptions): Writing;
  /** Keys an example would add to its rows; where any example needs one, all rows carry it. */
  needs?(example: Example, settings: JsonObject): readonly string[];
  /** All columns of the written rows in their order, for layouts with columns. */
  columns?(settings: JsonObject): readonly string[];
  /** Types of these columns, for layouts whose columns have types. */
  columnTypes?(settings: JsonObject): Readonly<Record<string, CellType>>;
  /** Names of the settings that `write`, `needs` and `columns` look at; others are an error of the caller. */
  readonly settings?: readonly string[];
  /** File name of a split without its extension. @defaultValue the split's name */
  layout?(split: string): string;
  /** Whole-file members around the rows. */
  envelope?(about: { readonly dataset: string; readonly version: string }): { readonly members: JsonObject; readonly rowsKey: string };
}
