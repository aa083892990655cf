import { TilthError } from "../errors.ts";
import type { ImportMap } from "../schema/config.ts";
import type { Json, JsonObject } from "../schema/json.ts";
import { isJsonObject } from "../schema/json.ts";
import { nearest } from "../text/nearest.ts";
import type { Format } from "./format.ts";
import type { Binding, MapColumn, MapPlan } from "./mapping-plan.ts";
import { planMap } from "./mapping-plan.ts";
import { columnName, pathOf } from "./mapping-plan.ts";
import { asMap, parseMap } from "./mapping-parse.ts";
import type { Step } from "./mapping-path.ts";
import { follow, stepInto } from "./mapping-path.ts";
import { readMapped } from "./mapping-read.ts";
import { isList } from "./reading.ts";

/** A format that a map of columns makes. */
export interface MapFormat extends Format {
  /** In its one spelling. */
  readonly map: ImportMap;
  readonly plan: MapPlan;
}
