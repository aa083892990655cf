import { Document, isScalar, stringify, visit } from "yaml";
import type { Config } from "../schema/config.ts";
import { configSchema } from "../schema/config.ts";
import { type ResolveOptions, resolvePacks } from "./load.ts";
import { parseYaml } from "./yaml.ts";

/**
 * Reads the text of a `tilth.yaml`.
 *
 * @param path - Named in errors.
 * @throws {@link TilthError} `config/invalid` with path, line, key and, for an unknown key, the nearest one.
 */
export function readConfig(text: string, path: string): Config {
  return parseYaml(text, { path, schema: configSchema, code: "config/invalid" });
}

/**
 * Writes the text of a new `tilth.yaml`: the packs are set, what they say together stands below as comments to be taken out.
 *
 * @throws {@link TilthError} as {@link resolvePacks}.
 */
export function writeConfig(names: readonly string[], options: Pick<ResolveOptions, "folder"> = {}): string {
  const { pack } = resolvePacks(names, options);
  const sections = Object.entries(pack).map(([key, value]) => commented(sectionText(key, value)));
  return [
    HEAD,
    `packs: ${stringify(names, { collectionStyle: "flow" })}`,
    PLACES,
    ...(sections.length > 0 ? [PACK_HEAD, ...sections] : []),
  ].join("\n");
}

const HEAD = `# A Tilth workspace. Packs hold what is particular to one kind of team; several are laid over each other in this order,
# and what is set in this file lies over all of them: maps merge by key, lists append, single values replace.`;

const PLACES = `# Where things lie, when not in .tilth/ beside this file:
# storage: postgres://user@host/database
# objects: s3://bucket/prefix

# durable: acknowledged means on disk. relaxed: a power cut may lose the last moments.
# durability: durable
`;

const PACK_HEAD = `# What the packs say together. To change a value, remove the "# " before it and before the keys it stands under.
`;

/** Lists of words in one line, everything else a line each. */
function sectionText(key: string, value: unknown): string {
  const section = new Document({ [key]: value });
  visit(section, {
    Seq(_, list) {
      if (list.items.every((item) => isScalar(item))) list.flow = true;
    },
  });
  return section.toString({ lineWidth: 120, flowCollectionPadding: false });
}

function commented(yaml: string): string {
  return yaml.replaceAll(/^(?=.)/gm, "# ");
}
